/**
 * Monotonic time that is slower than real time whenever this daemon is: it follows the interval since the
 * last tick, but by at most {@link maxStep} of it. A daemon that was stalled, and so could not hear anybody,
 * has hardly aged: it expires nothing that it had no chance to be told of.
 *
 * All leases, ages and deadlines of the core are read on this clock. Wall clocks are never compared.
 */

import type { Runtime, Timer } from './runtime.js';

/** How often the clock ticks, in real ms. */
export const tickEvery = 100;

/** The most that the clock advances from one tick to the next, in ms. */
const maxStep = 200;

export class LeaseClock {
  #base = 0;
  #tickedAt: number;
  #timer: Timer | undefined;

  constructor(
    private readonly runtime: Pick<Runtime, 'now' | 'after'>,
    private readonly onTick: (sinceLast: number) => void,
  ) {
    this.#tickedAt = runtime.now();
  }

  /** Milliseconds on this clock. */
  now(): number {
    return this.#base + Math.min(maxStep, this.runtime.now() - this.#tickedAt);
  }

  /** Real milliseconds since the last tick: far above {@link tickEvery} means that this daemon was stalled. */
  sinceTick(): number {
    return this.runtime.now() - this.#tickedAt;
  }

  start(): void {
    this.#timer = this.runtime.after(tickEvery, () => {
      this.start();
      this.tick();
    });
  }

  /** Settles what has passed, and tells whoever lives by it how much (real ms) that was. */
  tick(): void {
    const sinceLast = this.sinceTick();
    this.#base = this.now();
    this.#tickedAt = this.runtime.now();
    this.onTick(sinceLast);
  }

  stop(): void {
    this.#timer?.cancel();
  }
}
