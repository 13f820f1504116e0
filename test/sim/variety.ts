/** In what whole runs differ from each other, beside their faults. */

import { dice } from '../helpers/world.js';

export interface Variety {
  /** Daemons at the beginning. */
  size: number;
  /** ms, from which each service draws its TTL. */
  ttls: readonly number[];
  /** Many services come, and most are deleted. */
  manyDeletes: boolean;
  /** Services say something else of themselves several times within a second. */
  fastUpdates: boolean;
  /** Cut links keep what is sent over them until they are whole again. */
  hold: boolean;
  /** Services that do not renew and are probed. */
  checked: number;
  /** By which part clocks are faster or slower than time. */
  drift: number;
}

/** One kind of TTLs in eight runs is short, one in eight mixed with long ones. */
const ttlsOf: readonly (readonly number[])[] = [
  ...Array.from({ length: 6 }, () => [2000, 4000, 4000, 7000]),
  [1000, 1500],
  [2000, 4000, 10_000],
];

/**
 * What this seed is like. Drawn from dice of its own: a run that is narrowed to some faults stays the same otherwise.
 */
export function varietyOf(seed: number): Variety {
  const random = dice(seed * 2 + 1);
  const below = (limit: number): number => Math.floor(random() * limit);
  return {
    size: 3 + below(5),
    ttls: ttlsOf[below(ttlsOf.length)]!,
    manyDeletes: below(6) === 0,
    fastUpdates: below(4) === 0,
    hold: below(4) === 0,
    drift: below(8) === 0 ? 0.05 : 0,
    checked: below(3) === 0 ? 2 + below(5) : 0,
  };
}
