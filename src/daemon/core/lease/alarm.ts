/**
 * One timer for all deadlines. When it goes off, the input that is here already is handled first: what it renews is not
 * due.
 */

import type { LeaseTime } from '../../../crdt/clocks.js';
import type { Runtime, Timer } from '../runtime.js';

/** The shortest time between two alarms: what is due together is handled together. */
const leastMs = 5;

/** The longest time that a timer takes: one that is set for longer goes off at once. */
const mostMs = 2 ** 31 - 1;

export class Alarm {
  #set: { timer: Timer; at: LeaseTime } | undefined;

  /** @param now  ms on the clock on which deadlines are read */
  constructor(
    private readonly runtime: Pick<Runtime, 'after' | 'defer'>,
    private readonly now: () => LeaseTime,
    private readonly ring: () => void,
  ) {}

  /** Rings at `at` (Infinity: not at all), unless it is set for an earlier time already: then it may be asked again. */
  arm(at: LeaseTime): void {
    if (this.#set && this.#set.at <= at) return;
    this.clear();
    if (at === Infinity) return;
    const timer = this.runtime.after(Math.min(Math.max(at - this.now(), leastMs), mostMs), () =>
      this.runtime.defer(() => {
        this.#set = undefined;
        this.ring();
      }),
    );
    this.#set = { timer, at };
  }

  clear(): void {
    this.#set?.timer.cancel();
    this.#set = undefined;
  }
}
