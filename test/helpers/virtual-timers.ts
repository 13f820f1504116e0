/** Timers that a test moves on by hand. */

import type { Timers } from '../../src/client/timers.js';

export class VirtualTimers implements Timers {
  #now = 0;
  #sleepers: { at: number; wake: () => void }[] = [];

  now = (): number => this.#now;
  random = (): number => 0;

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((wake) => {
      if (signal?.aborted) return wake();
      this.#sleepers.push({ at: this.#now + ms, wake });
      signal?.addEventListener('abort', () => wake());
    });
  }

  /** Lets `ms` go by, waking what is due on the way, in order. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await settled();
      const next = this.#sleepers.sort((a, b) => a.at - b.at)[0];
      if (next === undefined || next.at > end) break;
      this.#sleepers.shift();
      this.#now = next.at;
      next.wake();
    }
    this.#now = end;
  }
}

/** Everything that can go on without time or input has done so. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
