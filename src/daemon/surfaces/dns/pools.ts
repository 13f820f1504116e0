/** The instances behind a name, with their weights. */

import { formatTarget, type Target } from '../../../model/catalog.js';
import { NotFoundError } from '../../../model/errors.js';
import type { Registration } from '../../../model/registration.js';
import { targetMatcher } from '../../../model/targets.js';
import { weigher } from '../../../model/weights.js';
import type { Query, Registry } from '../../core/registry.js';
import { everyRegistration } from '../every-registration.js';
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
  /** Sorted by id, {@link mostMembers} at most. */
  members: () => Member[];
}

/** No message has room for more: an address takes 16 of its 65,535 bytes. */
export const mostMembers = 4096;

type Read = Pick<Registry, 'available' | 'catalog' | 'groups' | 'registrationsIn' | 'stamp'>;

/** Undefined if nothing in the registry has the name. */
export function findPool(registry: Read, pool: Pool): FoundPool | undefined {
  if (pool.kind === 'app') return findApp(registry, pool);
  const target = targetOf(registry, pool);
  return target && findTarget(registry, target);
}

function findApp(registry: Read, { name: app, version: label }: Pool & { kind: 'app' }): FoundPool {
  const matches = ({ version }: Registration): boolean => label === undefined || versionLabel(version) === label;
  const weighed = weigher({ version: '*' }, new Map());
  return {
    key: `app ${label ?? ''} ${app}`,
    stamp: registry.stamp({ app }),
    members: () => membersOf(registry, { app }, (one) => (matches(one) ? weighed(one) : undefined)),
  };
}

function findTarget(registry: Read, target: Target): FoundPool {
  const { app, version } = target;
  const query = { app, ...(version !== undefined && { version }) };
  return {
    key: `target ${formatTarget(target)}`,
    stamp: registry.stamp(query),
    members: () => {
      const matches = targetMatcher(target);
      const weighed = weigher(target, registry.available(app));
      return membersOf(registry, query, (one) => (matches(one) ? weighed(one) : undefined));
    },
  };
}

/** The backend's, or that of the backend that the frontend serves; undefined if there is none. */
function targetOf({ catalog }: Read, { kind, name }: Pool): Target | undefined {
  try {
    return kind === 'backend' ? catalog.backends.get(name) : catalog.served(name);
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}

function membersOf(
  registry: Read,
  query: Query,
  weighed: (registration: Registration) => Member | undefined,
): Member[] {
  const members: Member[] = [];
  for (const registration of everyRegistration(registry, query)) {
    const member = weighed(registration);
    if (member) members.push(member);
    if (members.length === mostMembers) break;
  }
  return members;
}
