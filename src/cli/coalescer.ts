/** Many changes at once are one: waits until a burst is over, but not for ever. */

import type { Timers } from '../client/index.js';

export interface Wait {
  /** Milliseconds without a change that end a burst. */
  min: number;
  /** Milliseconds from its first change after which a burst is not waited for any longer. */
  max: number;
}

/** Timers take no longer waits than 2^31 ms; this one is begun again. */
const longestMs = 3_600_000;

export class Coalescer {
  #first: number | undefined;
  #last = 0;
  #waiting: AbortController | undefined;

  constructor(
    private readonly wait: Wait,
    private readonly timers: Timers,
  ) {}

  changed(): void {
    this.#last = this.timers.now();
    if (this.#first !== undefined) return;
    this.#first = this.#last;
    this.#waiting?.abort();
  }

  /** Settles when a burst of changes is over, at `deadline` (by the timers), or when `signal` aborts. */
  async next(deadline: number, signal: AbortSignal): Promise<'changed' | 'deadline' | 'aborted'> {
    while (!signal.aborted) {
      const now = this.timers.now();
      const due = this.#due();
      if (now >= due) {
        this.#first = undefined;
        return 'changed';
      }
      if (now >= deadline) return 'deadline';
      this.#waiting = new AbortController();
      const wake = AbortSignal.any([signal, this.#waiting.signal]);
      await this.timers.sleep(Math.min(due - now, deadline - now, longestMs), wake);
    }
    return 'aborted';
  }

  #due(): number {
    const { min, max } = this.wait;
    return this.#first === undefined ? Infinity : Math.min(this.#last + min, this.#first + max);
  }
}
