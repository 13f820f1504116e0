/** What is said of a drain beside the word: when it ends, by which rule it is, and why it was made. */

import type { Registration } from '../../model/registration.js';

/** `until 30 Nov, 14:30: kernel update`, in local time. */
export function drainText({ drainUntil, drainRule, drainReason }: Partial<Registration>): string {
  const until = drainUntil === undefined ? [] : [`until ${timeText(drainUntil)}`];
  const by = drainRule === undefined ? [] : [`by the rule ${drainRule}`];
  return [...until, ...by, ...(drainReason === undefined ? [] : [drainReason])].join(': ');
}

export const timeText = (unixMs: number): string =>
  new Date(unixMs).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
