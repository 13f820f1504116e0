/** Lets in the clients that watch, as many as there may be: those of `/events`, and those that wait for a change. */

import { OverloadedError } from '../../model/errors.js';
import type { Callers } from './callers.js';
import type { LoadCounters } from './load-counters.js';

export class Watchers {
  constructor(
    private readonly callers: Callers,
    private readonly counters: Pick<LoadCounters, 'count'>,
  ) {}

  get total(): number {
    return this.callers.total;
  }

  /** Throws {@link OverloadedError} if there are too many already. */
  admit(address: string): void {
    const reached = this.callers.reached(address);
    if (reached === undefined) return;
    this.counters.count(reached === 'total' ? 'watchers' : 'watchersOfAddress', address);
    const from = reached === 'total' ? '' : ' from your address';
    throw new OverloadedError(`too many watchers are connected${from}`);
  }

  enter(address: string): void {
    this.callers.enter(address);
  }

  leave(address: string): void {
    this.callers.leave(address);
  }
}
