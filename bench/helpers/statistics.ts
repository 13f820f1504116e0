/** What is said of many measurements. */

/** The value in the middle; NaN of none. */
export const median = (values: readonly number[]): number => percentile(values, 50);

/**
 * The value below which so many percent of them lie, interpolated between the two that are nearest; NaN of none.
 *
 *     percentile([1, 2, 3, 4, 5], 50) // 3
 */
export function percentile(values: readonly number[], percent: number): number {
  if (values.length === 0) return NaN;
  const sorted = Float64Array.from(values).sort();
  const place = ((sorted.length - 1) * percent) / 100;
  const below = sorted[Math.floor(place)]!;
  return below + (sorted[Math.ceil(place)]! - below) * (place % 1);
}

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
