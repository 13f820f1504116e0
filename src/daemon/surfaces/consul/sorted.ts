/** Sorts in slices: thousands of texts at once would be a long turn. */

import type { Sliced } from '../../http/slices.js';

/** Texts that are sorted or merged without a pause. */
const atOnce = 1000;

/** The texts by their UTF-16 code units, as `sort` has them. Pauses at least once. */
export function* sorted(texts: readonly string[]): Sliced<string[]> {
  let runs: string[][] = [];
  for (let from = 0; from < texts.length; from += atOnce) {
    runs.push(texts.slice(from, from + atOnce).sort());
    yield;
  }
  while (runs.length > 1) {
    const longer: string[][] = [];
    for (let at = 0; at < runs.length; at += 2) longer.push(yield* merged(runs[at]!, runs[at + 1] ?? []));
    runs = longer;
  }
  return runs[0] ?? [];
}

function* merged(one: readonly string[], other: readonly string[]): Sliced<string[]> {
  const all: string[] = [];
  let [i, j] = [0, 0];
  while (i < one.length || j < other.length) {
    const isOne = j === other.length || (i < one.length && one[i]! <= other[j]!);
    all.push(isOne ? one[i++]! : other[j++]!);
    if (all.length % atOnce === 0) yield;
  }
  return all;
}
