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
 */

import type { Versions } from './catalog.js';
import type { Registration } from './registration.js';

export const maxWeight = 256;

/** A registration of a backend. */
export interface Weighted extends Registration {
  /** 0 to 256: its share of the requests, relative to the others; 0: none. */
  weight: number;
}

/** The weights of registrations that are known to match `versions`. */
export function weigh(versions: Versions, registrations: readonly Registration[]): Weighted[] {
  const counts = new Map<string, number>();
  for (const { version, draining } of registrations) if (!draining) counts.set(version, (counts.get(version) ?? 0) + 1);
  return registrations.map(weigher(versions, counts));
}

/**
 * Adds weights to registrations that are known to match `versions`.
 *
 * @param available  how many instances of each version are online and not draining
 */
export function weigher(
  { split }: Versions,
  available: ReadonlyMap<string, number>,
): (registration: Registration) => Weighted {
  const weightOf = split === undefined ? () => 1 : weightsIn(split, available);
  return (registration) => ({
    ...registration,
    weight: registration.draining ? 0 : weightOf(registration.version),
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

/** The weight of one instance of each version. */
function weightsIn(
  split: NonNullable<Versions['split']>,
  available: ReadonlyMap<string, number>,
): (version: string) => number {
  const counts = [...available].filter(([version, count]) => count > 0 && Object.hasOwn(split, version));

  // BigInt, since a product of counts soon exceeds the exact range of numbers.
  const product = counts.reduce((so, [, count]) => so * BigInt(count), 1n);
  const shares = counts.map(
    ([version, count]) => [version, (BigInt(split[version]!) * product) / BigInt(count)] as const,
  );
  const divisor = shares.reduce((so, [, share]) => gcd(so, share), 0n) || 1n;
  const largest = Number(shares.reduce((so, [, share]) => (share > so ? share : so), 0n) / divisor);
  const weights = new Map(shares.map(([version, share]) => [version, scaled(Number(share / divisor), largest)]));
  return (version) => weights.get(version)!;
}

function scaled(share: number, largest: number): number {
  if (share === 0 || largest <= maxWeight) return share;
  return Math.max(1, Math.round((share / largest) * maxWeight));
}

const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b));
