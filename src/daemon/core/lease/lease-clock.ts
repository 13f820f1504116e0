/**
 * Monotonic time that is slower than real time while this daemon stalls: from one tick to the next it advances by at
 * most {@link maxStepMs}. A daemon that was stalled, and so could hear no peer and no renewal, has hardly aged: it
 * expires nothing that it could not hear of.
 *
 * All leases, ages and deadlines of the core are read on this clock. Wall clocks are never compared.
 */

import type { LeaseTime, MonotonicTime } from '../../../crdt/clocks.js';
import type { ProcessUsage, Runtime, Timer } from '../runtime.js';

/** From tick to tick, in real time. */
export const tickEveryMs = 100;

/** The most that the clock advances from one tick to the next. */
const maxStepMs = 200;

/** The real time from one tick to the next. */
export interface Gap {
  /** All of it, with the time that the machine slept. */
  ms: number;
  /**
   * The part for which this process was stopped, frozen or asleep. The rest of the time it was running, or waiting for
   * a processor or the tick.
   */
  awayMs: number;
}

export class LeaseClock {
  #base = 0;
  #tickedAt: MonotonicTime;
  #usage: ProcessUsage;
  #timer: Timer | undefined;

  constructor(
    private readonly runtime: Pick<Runtime, 'now' | 'after' | 'usage'>,
    private readonly onTick: (gap: Gap) => void,
  ) {
    this.#tickedAt = runtime.now();
    this.#usage = runtime.usage();
  }

  /** Milliseconds on this clock. */
  now(): LeaseTime {
    return this.#base + Math.min(maxStepMs, this.runtime.now() - this.#tickedAt);
  }

  /** Real milliseconds since the last tick: far above {@link tickEveryMs} means that this daemon was stalled. */
  sinceTick(): number {
    return this.runtime.now() - this.#tickedAt;
  }

  start(): void {
    this.#timer = this.runtime.after(tickEveryMs, () => {
      this.start();
      this.tick();
    });
  }

  /** Advances the clock, and reports the gap since the last tick. */
  tick(): void {
    const gap = this.#measure();
    this.#base = this.now();
    this.#tickedAt = this.runtime.now();
    this.onTick(gap);
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #measure(): Gap {
    const before = this.#usage;
    const usage = (this.#usage = this.runtime.usage());
    const slept = Math.max(0, usage.asleepMs - before.asleepMs);
    const awake = this.sinceTick();
    const unexplained = Math.max(0, awake - tickEveryMs - (usage.activeMs - before.activeMs));
    return { ms: awake + slept, awayMs: unexplained + slept };
  }
}
