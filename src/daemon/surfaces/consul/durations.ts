/** Durations as Go writes them: https://pkg.go.dev/time#ParseDuration. */

const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/**
 * Milliseconds; undefined for what is no duration.
 *
 *     goDuration('1m30s') // 90_000
 */
export function goDuration(text: string): number | undefined {
  if (text.length > 40 || !/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined;
  let sum = 0;
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d+)?)([a-zµ]+)/g)) sum += Number(number) * unitMs[unit!]!;
  return Math.round(sum);
}
