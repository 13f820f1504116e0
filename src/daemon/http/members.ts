/** The instances of a backend with their weights, as of the moment of the call. */

import type { WeightedTarget, Target } from '../../model/catalog.js';
import { type Near, NearCount } from '../../model/near.js';
import type { Registration } from '../../model/registration.js';
import { targetMatcher } from '../../model/targets.js';
import type { Freshness } from '../../model/warm-up.js';
import { type Weighted, weigher } from '../../model/weights.js';
import type { Registry } from '../core/registry.js';
import type { Sliced } from './slices.js';

export type Instances = Pick<Registry, 'available' | 'fresh' | 'groups' | 'registrationsIn'>;

/** The same, for a document of one moment: counts the instances of an app only once, however many backends it has. */
export function countingOnce(registry: Instances): Instances {
  const counted = new Map<string, ReadonlyMap<string, number>>();
  return {
    groups: (query) => registry.groups(query),
    registrationsIn: (group) => registry.registrationsIn(group),
    fresh: (pool) => registry.fresh(pool),
    available: (app) => {
      const known = counted.get(app) ?? registry.available(app);
      counted.set(app, known);
      return known;
    },
  };
}

/** Adds the weights of now to instances of `pool`. */
export function weigherOf(
  registry: Pick<Registry, 'available' | 'fresh'>,
  pool: WeightedTarget,
): (one: Registration) => Weighted {
  const isMember = targetMatcher(pool);
  const fresh = new Map(
    [...registry.fresh(pool)].filter(([id]) => isMember({ app: pool.app, version: versionIn(id) })),
  );
  if (!pool.split && fresh.size === 0) return weigher(pool, new Map());
  const available = [...registry.available(pool.app)].filter(([version]) => isMember({ app: pool.app, version }));
  return weigher(pool, new Map(available), fresh);
}

/**
 * Sorted by id, each made when it is asked for. What drains has the weight 0, and so has a version without a share.
 */
export const membersOf = (registry: Instances, pool: WeightedTarget): Iterable<Weighted> =>
  mapped(instancesOf(registry, pool), weigherOf(registry, pool));

/** Members in two parts, each of which has its weights for itself. */
export interface PartedMembers {
  served: Iterable<Weighted>;
  /** Callers are sent to them only if none of the others can be reached. */
  spare: Iterable<Weighted>;
}

/** Members that are looked at without a pause. */
const atOnce = 200;

/** The same as {@link membersOf}, in the parts that a preference makes of them; without one, all are served. */
export function partedMembersOf(
  registry: Instances,
  pool: WeightedTarget,
  near: Near | undefined,
): Sliced<PartedMembers> {
  // All is noted now, and not when the work begins.
  const all = instancesOf(registry, pool);
  const fresh = registry.fresh(pool);
  const weighed = near ? weigher(pool, new Map()) : weigherOf(registry, pool);
  return (function* () {
    if (!near) return { served: mapped(all, weighed), spare: [] };
    const count = new NearCount(pool, near);
    const gathered: Registration[] = [];
    for (const one of all) {
      count.count(one);
      if (gathered.push(one) % atOnce === 0) yield;
    }
    const [served, spare] = [new Part(pool, fresh), new Part(pool, fresh)];
    for (const [index, one] of gathered.entries()) {
      (count.isSpare(one) ? spare : served).add(one);
      if (index % atOnce === atOnce - 1) yield;
    }
    return { served: served.weighed, spare: spare.weighed };
  })();
}

class Part {
  readonly #all: Registration[] = [];
  readonly #available = new Map<string, number>();
  readonly #fresh = new Map<string, number>();

  constructor(
    private readonly pool: WeightedTarget,
    private readonly fresh: Freshness,
  ) {}

  add(one: Registration): void {
    this.#all.push(one);
    if (one.draining) return;
    this.#available.set(one.version, (this.#available.get(one.version) ?? 0) + 1);
    const quarters = this.fresh.get(one.id);
    if (quarters !== undefined) this.#fresh.set(one.id, quarters);
  }

  get weighed(): Iterable<Weighted> {
    return mapped(this.#all, weigher(this.pool, this.#available, this.#fresh));
  }
}

function* mapped<T, U>(all: Iterable<T>, map: (one: T) => U): Iterable<U> {
  for (const one of all) yield map(one);
}

const versionIn = (id: string): string => id.split('/', 2)[1]!;

function instancesOf(registry: Instances, target: Target): Iterable<Registration> {
  const { app, version } = target;
  const matches = targetMatcher(target);
  // All are noted at once: an answer that is made in slices is to be of one moment.
  const parts = registry
    .groups({ app, ...(version !== undefined && { version }) })
    .map((group) => registry.registrationsIn(group));
  return (function* () {
    for (const part of parts) for (const one of part) if (matches(one)) yield one;
  })();
}
