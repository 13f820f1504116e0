/** Which versions can be shared among in one split. */

import { limits } from '../../model/limits.js';
import { compareVersions, isRange } from '../../model/version.js';

/**
 * The exact ones of `known`, the latest first, at most as many as a split may name. Those that already have a weight
 * come before all others: one that is left out would lose its share.
 */
export function versionsToSplit(known: readonly string[], weights: Readonly<Record<string, number>>): string[] {
  const latestFirst = (a: string, b: string): number => compareVersions(b, a);
  const hasWeight = (version: string): boolean => Object.hasOwn(weights, version);
  const exact = known.filter((version) => !isRange(version)).sort(latestFirst);
  return [...exact.filter(hasWeight), ...exact.filter((version) => !hasWeight(version))]
    .slice(0, limits.splitVersions)
    .sort(latestFirst);
}
