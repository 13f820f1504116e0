/** Two or more sides of a comparison, taking turns. */

import { median } from './statistics.js';

/** What is measured of each side, by its name. */
export type Sides<T> = Record<string, () => Promise<T>>;

/**
 * Measures each side once in each round, so that a busy machine slows all of them alike. The order turns round
 * every time, so that none of them always comes after the same other one.
 */
export async function interleave<T>(rounds: number, sides: Sides<T>): Promise<Record<string, T[]>> {
  const found: Record<string, T[]> = Object.fromEntries(Object.keys(sides).map((name) => [name, []]));
  const order = Object.entries(sides);
  for (let round = 0; round < rounds; round++) {
    for (const [name, measure] of order) found[name]!.push(await measure());
    order.reverse();
  }
  return found;
}

/** The median of each figure. */
export function middle<Figures extends Record<keyof Figures, number>>(measured: readonly Figures[]): Figures {
  const names = Object.keys(measured[0] ?? {}) as (keyof Figures)[];
  return Object.fromEntries(
    names.map((name) => [name, median(measured.map((one) => one[name]))]),
  ) as unknown as Figures;
}

/** {@link interleave}, and of each side the medians of its rounds. */
export async function compare<Figures extends Record<keyof Figures, number>, Name extends string>(
  rounds: number,
  sides: Record<Name, () => Promise<Figures>>,
): Promise<Record<Name, Figures>> {
  const found = await interleave<Figures>(rounds, sides);
  const entries = Object.entries(found).map(([name, all]) => [name, middle(all)]);
  return Object.fromEntries(entries) as Record<Name, Figures>;
}
