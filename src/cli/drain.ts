/** Drains before the end, so that callers have left by then. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Lease } from '../client/index.js';
import { toFailure } from './exit-codes.js';
import { notice } from './notice.js';

/**
 * Drains the registration of the lease and resolves after `forMs`, or as soon as `cut` aborts. A failure is reported on
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
