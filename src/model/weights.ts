/**
 * How the requests to a backend are shared among its registrations.
 *
 * A version's share is its weight in the split, divided by the sum of all weights, however many instances it has: with
 * n of them, each gets the n-th part. Versions without available instances get nothing: the others get everything, in
 * the same proportion. Without a split all instances are equal.
 *
 * The weights are the smallest whole numbers in that proportion: three instances of a version with 90 and two of one
 * with 10 get 6 and 1 each. If they exceed 256, the most that HAProxy takes, the largest is 256 and the others are
 * rounded, to at least 1: then shares are exact to half a 256th of the largest. Instances that get no requests have 0:
 * those that drain, and versions whose weight is 0.
 *
 * Instances that are not warm (warm-up.ts) get fewer quarters of what the others of their version get, which get more:
 * the version keeps its share. Without a split, that is so among all instances.
 */

import type { Split, Versions } from './catalog.js';
import type { Registration } from './registration.js';
import { allWarm, type Freshness, warmUpSteps } from './warm-up.js';

export const maxWeight = 256;

/** A registration of a backend. */
export interface Weighted extends Registration {
  /** 0 to 256: its share of the requests, relative to the others; 0: none. */
  weight: number;
}

/**
 * The weights of registrations that are known to match `versions`.
 *
 * @param fresh  those that are not warm
 */
export function weigh(
  versions: Versions,
  registrations: readonly Registration[],
  fresh: Freshness = allWarm,
): Weighted[] {
  const counts = new Map<string, number>();
  const serving = new Map<string, number>();
  for (const { id, version, draining } of registrations) {
    if (draining) continue;
    counts.set(version, (counts.get(version) ?? 0) + 1);
    const quarters = fresh.get(id);
    if (quarters !== undefined) serving.set(id, quarters);
  }
  return registrations.map(weigher(versions, counts, serving));
}

/**
 * Adds weights to registrations that are known to match `versions`.
 *
 * @param available  how many instances of each version are online and not draining
 * @param fresh      those of them that are not warm. If there are some, nothing else may be counted in `available`
 */
export function weigher(
  versions: Versions,
  available: ReadonlyMap<string, number>,
  fresh: Freshness = allWarm,
): (registration: Registration) => Weighted {
  const { split } = versions;
  const isEven = split === undefined && fresh.size === 0;
  const weightOf = isEven ? () => 1 : weightsIn(split, levelsIn(split, available, fresh));
  return (registration) => ({
    ...registration,
    weight: registration.draining ? 0 : weightOf(registration.version, fresh.get(registration.id) ?? warmUpSteps),
  });
}

/**
 * Picks one at random, each with the probability of its weight; undefined if none may be sent a request.
 *
 * @param random  from 0 to below 1
 */
export function pick<T extends { weight: number }>(weighted: readonly T[], random: number): T | undefined {
  let rest = random * weighted.reduce((sum, { weight }) => sum + weight, 0);
  return weighted.find(({ weight }) => (rest -= weight) < 0);
}

/** How many instances of a version have how many quarters of their weight. */
type Levels = Map<number, number>;

/** By version of a split; without one, all together under the empty text. */
function levelsIn(
  split: Split | undefined,
  available: ReadonlyMap<string, number>,
  fresh: Freshness,
): Map<string, Levels> {
  const found = new Map<string, Levels>();
  const add = (version: string, quarters: number, count: number): void => {
    if (count === 0 || (split && !Object.hasOwn(split, version))) return;
    const part = split ? version : '';
    const levels: Levels = found.get(part) ?? new Map<number, number>();
    found.set(part, levels.set(quarters, (levels.get(quarters) ?? 0) + count));
  };
  for (const [version, count] of available) add(version, warmUpSteps, count);
  for (const [id, quarters] of fresh) {
    const version = id.split('/', 2)[1]!;
    add(version, warmUpSteps, -1);
    add(version, quarters, 1);
  }
  return found;
}

/** The weight of one instance of each version that has so many quarters of it. */
function weightsIn(
  split: Split | undefined,
  levels: ReadonlyMap<string, Levels>,
): (version: string, quarters: number) => number {
  const parts = [...levels].map(([part, ofPart]) => {
    const present = [...ofPart].filter(([, count]) => count > 0);
    const size = present.reduce((sum, [quarters, count]) => sum + quarters * count, 0);
    return { part, size: BigInt(size), quarters: present.map(([quarters]) => quarters) };
  });

  // BigInt, since a product of counts soon exceeds the exact range of numbers.
  const product = parts.reduce((so, { size }) => so * size, 1n);
  const shares = parts.flatMap(({ part, size, quarters }) =>
    quarters.map((each) => [key(part, each), (BigInt(split?.[part] ?? 1) * product * BigInt(each)) / size] as const),
  );
  const divisor = shares.reduce((so, [, share]) => gcd(so, share), 0n) || 1n;
  const largest = Number(shares.reduce((so, [, share]) => (share > so ? share : so), 0n) / divisor);
  const weights = new Map(shares.map(([of, share]) => [of, scaled(Number(share / divisor), largest)]));
  return (version, quarters) => weights.get(key(split ? version : '', quarters))!;
}

const key = (part: string, quarters: number): string => `${quarters} ${part}`;

function scaled(share: number, largest: number): number {
  if (share === 0 || largest <= maxWeight) return share;
  return Math.max(1, Math.round((share / largest) * maxWeight));
}

const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b));
