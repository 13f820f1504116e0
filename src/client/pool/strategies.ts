/** How a pool chooses among the instances that take requests. */

import { InvalidError } from '../../model/errors.js';
import type { Weighted } from '../../model/weights.js';
import { pick } from '../../model/weights.js';

/**
 * `weighted`: at random, each with the probability of its weight. `round-robin`: in turn, each as often as its weight
 * says. `least-pending`: the one with the fewest requests at present, relative to its weight.
 */
export type Picking = 'weighted' | 'round-robin' | 'least-pending';

/** Chooses one of `candidates`, all of which have a weight above 0. */
export type Strategy = (candidates: readonly Weighted[]) => Weighted | undefined;

/**
 * @param pending  how many requests an instance has at present
 * @throws InvalidError  for another word
 */
export function strategyOf(picking: Picking, random: () => number, pending: (id: string) => number): Strategy {
  switch (picking) {
    case 'weighted':
      return (candidates) => pick(candidates, random());
    case 'round-robin':
      return inTurn();
    case 'least-pending':
      return (candidates) => leastPending(candidates, random, pending);
    default:
      throw new InvalidError(`'pick' must be weighted, round-robin or least-pending, not '${String(picking)}'`);
  }
}

/**
 * Each candidate gains its weight, the one with the most is chosen, and pays the sum of the gains. With weights of 3
 * and 1 that gives a, a, b, a and so on.
 */
function inTurn(): Strategy {
  let gained = new Map<string, number>();
  return (candidates) => {
    const next = new Map<string, number>();
    let sum = 0;
    let chosen: Weighted | undefined;
    for (const one of candidates) {
      sum += one.weight;
      const credit = (gained.get(one.id) ?? 0) + one.weight;
      next.set(one.id, credit);
      if (chosen === undefined || credit > next.get(chosen.id)!) chosen = one;
    }
    if (chosen) next.set(chosen.id, next.get(chosen.id)! - sum);
    gained = next;
    return chosen;
  };
}

/** At random among equals, so that the pools of many callers do not all choose the first. */
function leastPending(
  candidates: readonly Weighted[],
  random: () => number,
  pending: (id: string) => number,
): Weighted | undefined {
  const loads = candidates.map((one) => (pending(one.id) + 1) / one.weight);
  const least = loads.reduce((low, load) => Math.min(low, load), Infinity);
  const idle = candidates.filter((_, index) => loads[index] === least);
  return idle[Math.floor(random() * idle.length)];
}
