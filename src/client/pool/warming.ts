/**
 * The slow start of the instances behind a frontend, counted from the moment at which their online was heard. What was
 * online in a snapshot is warm: it is not known since when it has been there.
 */

import type { WeightedTarget } from '../../model/catalog.js';
import { type Freshness, WarmUps } from '../../model/warm-up.js';
import type { SeenEvent } from '../picture.js';
import type { Timers } from '../timers.js';

export class Warming {
  readonly #warmUps = new WarmUps();
  /** Monotonic ms of the step that is waited for. */
  #due = Infinity;
  #waiting = new AbortController();

  /** @param onStep  called when weights are others, of which there is no event */
  constructor(
    private readonly timers: Pick<Timers, 'now' | 'sleep'>,
    private readonly onStep: () => void,
  ) {}

  /** The backend that is served; none: all instances are warm. */
  follow(...backend: WeightedTarget[]): void {
    this.#warmUps.follow(backend);
    this.#wait();
  }

  see(changes: readonly SeenEvent[], isSnapshot: boolean): void {
    if (isSnapshot) return;
    for (const change of changes)
      if (change.type === 'online' || change.type === 'offline')
        this.#warmUps.see({ type: change.type, id: change.registration.id }, this.timers.now());
    this.#wait();
  }

  fresh(backend: WeightedTarget): Freshness {
    return this.#warmUps.fresh(backend);
  }

  close(): void {
    this.#waiting.abort();
  }

  #wait(): void {
    const { next } = this.#warmUps;
    if (next === this.#due) return;
    this.#due = next;
    this.#waiting.abort();
    if (next === Infinity) return;
    const { signal } = (this.#waiting = new AbortController());
    this.timers.sleep(next - this.timers.now(), signal).then(
      () => !signal.aborted && this.#step(),
      () => undefined,
    );
  }

  #step(): void {
    const stepped = this.#warmUps.step(this.timers.now());
    this.#due = Infinity;
    this.#wait();
    if (stepped.length > 0) this.onStep();
  }
}
