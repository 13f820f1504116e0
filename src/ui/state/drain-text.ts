/** What is said of a drain beside the word: when it ends, by which rule it is, and why it was made. */

import { shortTime } from './times.js';
import type { Registration } from '../../model/registration.js';

/** `until 14:30: kernel update`. */
export function drainText({ drainUntil, drainRule, drainReason }: Partial<Registration>): string {
  const until = drainUntil === undefined ? [] : [`until ${shortTime(drainUntil)}`];
  const by = drainRule === undefined ? [] : [`by the rule ${drainRule}`];
  return [...until, ...by, ...(drainReason === undefined ? [] : [drainReason])].join(': ');
}
