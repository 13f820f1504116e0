/** Which instances the requests of a pool are shared among, and their weights. */

import { InvalidError } from '../../model/errors.js';
import { type Near, parseNear, partedBy } from '../../model/near.js';
import type { Registration } from '../../model/registration.js';
import { weigh, type Weighted } from '../../model/weights.js';
import type { NearOptions } from '../resolve-options.js';
import type { Served } from './following.js';

export interface Shares {
  /** Those that callers are sent to, and those of them that drain. */
  served: Weighted[];
  /** Those elsewhere, as long as enough are near. They have weights of their own. */
  spare: Weighted[];
}

/** The preference that options ask for. Throws InvalidError. */
export function nearOf({ near, nearAtLeast }: NearOptions): Near | undefined {
  if (near === undefined && nearAtLeast !== undefined) throw new InvalidError("'nearAtLeast' needs 'near'");
  const atLeast = nearAtLeast ?? 1;
  if (!Number.isSafeInteger(atLeast) || atLeast < 1)
    throw new InvalidError("'nearAtLeast' must be a whole number above 0");
  return near === undefined ? undefined : parseNear(near, atLeast);
}

/**
 * @param known  what a daemon says that can be trusted
 * @param doubtful  what others have answered to the same preference. It is added, and takes the place of what is known
 */
export function sharesOf(known: Served | undefined, doubtful: readonly Weighted[], near: Near | undefined): Shares {
  const { target, registrations = [], fresh } = known ?? {};
  // Without the target, the daemon that answered knows best which versions have shares.
  if (!target) return { served: [...doubtful], spare: [] };
  const answered = new Map(doubtful.map((one) => [one.id, one]));
  const all = new Map([...registrations, ...doubtful].map((one) => [one.id, one]));
  const { served, spare } = partedBy(target, [...all.values()], near);

  const weighed = (part: readonly Registration[]): Weighted[] => {
    const ids = new Set(part.map(({ id }) => id));
    const own = weigh(
      target,
      registrations.filter(({ id }) => ids.has(id)),
      fresh,
    );
    const weights = new Map(own.map((one) => [one.id, one]));
    return part.map(({ id }) => answered.get(id) ?? weights.get(id)!);
  };
  return { served: weighed(served), spare: weighed(spare) };
}
