/** Draining before the end, so that callers have gone elsewhere when it comes. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Lease } from '../client/index.js';
import { toFailure } from './exit-codes.js';
import { notice } from './notice.js';

/**
 * Drains what the lease holds and settles after `forMs`, or as soon as `cut` aborts. What cannot be drained is told on
 * stderr, and not waited for.
 */
export async function drainFor(lease: Pick<Lease, 'drain'>, forMs: number, cut: AbortSignal): Promise<void> {
  try {
    if (!(await lease.drain('stopping'))) return;
    await sleep(forMs, undefined, { signal: cut }).catch(() => undefined);
  } catch (error) {
    notice(`could not drain: ${toFailure(error).message}`);
  }
}
