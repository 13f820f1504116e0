/**
 * Monotonic time that is slower than real time whenever this daemon is: it follows the interval since the
 * last tick, but by at most {@link maxStepMs} of it. A daemon that was stalled, and so could not hear anybody,
 * has hardly aged: it expires nothing that it had no chance to be told of.
 *
 * All leases, ages and deadlines of the core are read on this clock. Wall clocks are never compared.
 */

import type { LeaseTime, MonotonicTime } from '../../../crdt/clocks.js';
import type { ProcessUsage, Runtime, Timer } from '../runtime.js';

/** How often the clock ticks, in real ms. */
export const tickEveryMs = 100;

/** The most that the clock advances from one tick to the next, in ms. */
const maxStepMs = 200;

/** What passed from one tick to the next, in real ms. */
export interface Gap {
  /** From tick to tick, with what the machine slept. */
  ms: number;
  /**
   * The part of it for which this process was not there: stopped, frozen or asleep. The rest it was running, was
   * waiting for a processor, or was waiting for the tick.
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

  /** Settles what has passed, and says what it was. */
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
