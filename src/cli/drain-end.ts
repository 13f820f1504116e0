/** The end of a drain, as flags: after a duration, or at a time. */

import { Flags } from './oclif.js';
import { limits } from '../model/limits.js';
import { exactly, localTime } from './durations.js';
import { duration } from './flags.js';
import { UsageError } from './usage-error.js';

export const endFlags = {
  for: duration({
    exclusive: ['until'],
    description: 'End the drain by itself after this time: 30m, 8h, 3d. From 1 second to 30 days.',
  }),
  until: Flags.string({
    helpValue: 'TIME',
    description: 'End the drain by itself at this time: 14:30 (the next one, in local time), or 2026-11-30T14:30.',
  }),
};

/**
 * When the drain is to end (Unix ms, on this machine's clock), if the flags say so. Throws UsageError for a time that
 * cannot be read, is over, or is too near or too far.
 */
export function drainEnd(
  { for: forMs, until }: { for?: number | undefined; until?: string | undefined },
  now: number,
): number | undefined {
  if (forMs !== undefined) {
    if (!isAllowed(forMs)) throw new UsageError(`--for must be from 1 second to 30 days, not ${exactly(forMs)}`);
    return now + forMs;
  }
  if (until === undefined) return undefined;
  const at = timeOfDay(until, now) ?? dateTime(until);
  if (at === undefined)
    throw new UsageError(`--until must be HH:MM, or a time such as 2026-11-30T14:30, not '${until}'`);
  if (at <= now) throw new UsageError(`--until is in the past: it is ${localTime(now)} now`);
  if (!isAllowed(at - now)) throw new UsageError('--until must be a second to 30 days from now');
  return at;
}

const { min, max } = limits.drainFor;
const isAllowed = (forMs: number): boolean => forMs >= min && forMs <= max;

/** How long the drain of one more instance is to take that ends then: the command may have begun a while ago. */
export const leftUntil = (endsAt: number): number => Math.max(min, endsAt - Date.now());

/** The next time that clocks here show this. */
function timeOfDay(text: string, now: number): number | undefined {
  const [, hours, minutes, seconds = '0'] = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/.exec(text) ?? [];
  if (hours === undefined) return undefined;
  const at = new Date(now);
  at.setHours(Number(hours), Number(minutes), Number(seconds), 0);
  if (at.getTime() <= now) at.setDate(at.getDate() + 1);
  return at.getTime();
}

/** An ISO date and time; in local time if it has no offset. */
function dateTime(text: string): number | undefined {
  const isDateTime = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?$/.test(text);
  const at = isDateTime ? Date.parse(text.replace(' ', 'T')) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}
