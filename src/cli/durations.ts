/** Durations and times as they are shown. */

import ms from 'ms';

export { exactly } from '../model/exact-duration.js';

/** An age, roughly: `3m`. */
export const roughly = (duration: number): string => ms(Math.max(0, duration));

/** `14:30` if that is today, else `2026-11-24 14:30`, in local time. */
export function shortTime(unixMs: number, now = Date.now()): string {
  const isToday = new Date(unixMs).toDateString() === new Date(now).toDateString();
  return localTime(unixMs).slice(isToday ? 11 : 0, 16);
}

/** For how long something has been waited for: `12s`, `1m 5s`, `2h 0m`. */
export function elapsed(duration: number): string {
  const seconds = Math.floor(duration / 1000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes}m ${seconds % 60}s` : `${Math.floor(minutes / 60)}h ${minutes % 60}m`;
}

/** `2026-11-24 14:32:35`, in local time. */
export function localTime(unixMs: number): string {
  const time = new Date(unixMs);
  const two = (number: number): string => String(number).padStart(2, '0');
  const day = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-');
  return `${day} ${time.toTimeString().slice(0, 8)}`;
}
