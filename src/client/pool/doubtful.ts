/** What daemons answer that cannot be trusted, for as long as there are no others. */

import type { Weighted } from '../../model/weights.js';
import type { Timers } from '../timers.js';
import { warn } from '../warnings.js';

/** How often they are asked. */
const askAgainMs = 2000;

export class Doubtful {
  #found: readonly Weighted[] = [];
  #isAsking = false;

  /**
   * @param lookUp    asks whichever daemon answers
   * @param isNeeded  whether no daemon can be trusted
   * @param onFound   called after each look-up that has found `instances`
   * @param end       ends the look-ups
   */
  constructor(
    private readonly lookUp: () => Promise<Weighted[]>,
    private readonly isNeeded: () => boolean,
    private readonly onFound: () => void,
    private readonly timers: Pick<Timers, 'sleep'>,
    private readonly end: AbortSignal,
  ) {}

  get instances(): readonly Weighted[] {
    return this.#found;
  }

  forget(): void {
    this.#found = [];
  }

  /**
   * Asks every two seconds, until a daemon can be trusted.
   *
   * @param isUrgent  whether nothing is known. Otherwise it waits first: a lost connection is usually replaced at once
   */
  ask(isUrgent: boolean): void {
    if (this.#isAsking) return;
    this.#isAsking = true;
    this.#ask(isUrgent).catch(warn);
  }

  async #ask(isUrgent: boolean): Promise<void> {
    const { timers, end } = this;
    if (!isUrgent) await timers.sleep(askAgainMs, end);
    while (!end.aborted && this.isNeeded()) {
      const found = await this.lookUp().catch(() => []);
      if (end.aborted || !this.isNeeded()) break;
      if (found.length > 0) {
        this.#found = found;
        this.onFound();
      }
      await timers.sleep(askAgainMs, end);
    }
    this.#isAsking = false;
  }
}
