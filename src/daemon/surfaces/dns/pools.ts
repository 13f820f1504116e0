/** The instances behind a name, with their weights. */

import { formatTarget, type WeightedTarget } from '../../../model/catalog.js';
import { NotFoundError } from '../../../model/errors.js';
import { type Near, partedBy } from '../../../model/near.js';
import type { Registration } from '../../../model/registration.js';
import { targetMatcher } from '../../../model/targets.js';
import { weigh, type Weighted } from '../../../model/weights.js';
import type { Group, Registry } from '../../core/registry.js';
import { weigherOf } from '../../http/members.js';
import { versionLabel } from './labels.js';
import type { Pool } from './question.js';

export interface Member {
  app: string;
  host: string;
  port: number;
  /** 0 to 256; 0: no new requests. */
  weight: number;
}

/** A pool as of now. */
export interface FoundPool {
  /** Equal for pools of the same instances. */
  key: string;
  /** Changes whenever the members may. */
  stamp: string;
  /** At most {@link mostMembers}: those with a weight first, each part sorted by id. */
  members: () => Member[];
}

/** No message has room for more: an address takes 16 of its 65,535 bytes. */
export const mostMembers = 4096;

type Read = Pick<Registry, 'available' | 'catalog' | 'fresh' | 'groups' | 'registrationsIn' | 'stamp'>;

/** Undefined if nothing in the registry has the name. */
export function findPool(registry: Read, pool: Pool, near?: Near): FoundPool | undefined {
  if (pool.kind === 'app') return findApp(registry, pool, near);
  const target = targetOf(registry, pool);
  return target && findTarget(registry, target, near);
}

function findApp(
  registry: Read,
  { name: app, version: label }: Pool & { kind: 'app' },
  near: Near | undefined,
): FoundPool {
  return {
    key: `app ${label ?? ''} ${app}`,
    stamp: registry.stamp({ app }),
    members: () => {
      const groups = registry.groups({ app });
      return membersOf(
        registry,
        label === undefined ? groups : groups.filter(({ version }) => versionLabel(version) === label),
        { target: { app, version: '*' }, near },
      );
    },
  };
}

function findTarget(registry: Read, target: WeightedTarget, near: Near | undefined): FoundPool {
  const { app, version } = target;
  const query = { app, ...(version !== undefined && { version }) };
  return {
    key: `target ${target.warmupMs} ${formatTarget(target)}`,
    stamp: registry.stamp(query),
    members: () => membersOf(registry, registry.groups(query).filter(targetMatcher(target)), { target, near }),
  };
}

/** The backend's, or that of the backend that the frontend serves; undefined if there is none. */
function targetOf({ catalog }: Read, { kind, name }: Pool): WeightedTarget | undefined {
  try {
    return kind === 'backend' ? catalog.backends.get(name) : catalog.served(name);
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}

/** All instances of `groups`, or as many as there may be: what takes no new requests is left out first. */
function membersOf(
  registry: Read,
  groups: readonly Group[],
  { target, near }: { target: WeightedTarget; near: Near | undefined },
): Member[] {
  const every = function* (): Iterable<Registration> {
    for (const group of groups) yield* registry.registrationsIn(group);
  };
  if (!near) return firstOf(every(), weigherOf(registry, target));
  const { served } = partedBy(target, [...every()], near);
  return firstOf(weigh(target, served, registry.fresh(target)), (one) => one);
}

function firstOf<T extends Registration>(all: Iterable<T>, weighed: (one: T) => Weighted): Member[] {
  const serving: Member[] = [];
  const idle: Member[] = [];
  for (const one of all) {
    const { app, host, port, weight } = weighed(one);
    const members = weight > 0 ? serving : idle;
    if (members.length < mostMembers) members.push({ app, host, port, weight });
    if (serving.length === mostMembers) return serving;
  }
  return [...serving, ...idle].slice(0, mostMembers);
}
