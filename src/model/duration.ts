/** Durations as people write them: `4000`, `4s`, `1.5m`, `10 minutes`. */

import ms, { type StringValue } from 'ms';
import { InvalidError } from './errors.js';

/**
 * `input` in milliseconds, rounded to whole ones; a bare number is in milliseconds. Zero is a value. Throws {@link
 * InvalidError} for an invalid or negative duration.
 *
 *     parseDuration('4s') // 4000
 */
export function parseDuration(input: string | number): number {
  const duration = typeof input === 'number' ? input : toMs(input.trim());
  if (!Number.isFinite(duration) || duration < 0)
    throw new InvalidError(`must be a duration such as 4000, 4s or 10m, not '${input}'`);
  return Math.round(duration);
}

/** `ms` throws for empty and very long strings, and returns undefined for other texts that it cannot read. */
function toMs(text: string): number {
  if (text === '' || text.length > 100) return Number.NaN;
  return ms(text as StringValue) ?? Number.NaN;
}
