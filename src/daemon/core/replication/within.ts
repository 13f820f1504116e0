/** A bounded wait. */

import type { Runtime } from '../runtime.js';

/** Resolves when the promise does, or after `ms`. Rejects if the promise rejects before. */
export function within(runtime: Pick<Runtime, 'after'>, ms: number, promise: Promise<unknown>): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = runtime.after(ms, resolve);
    promise.finally(() => timer.cancel()).then(() => resolve(), reject);
  });
}
