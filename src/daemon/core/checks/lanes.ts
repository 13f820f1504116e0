/**
 * Bounds how many probes are under way. Those of instances that fail may have half of the places: they take as long as
 * their timeout, and must not keep healthy instances from being probed.
 */

import type { RegistrationId } from '../../../model/registration.js';

/** Probes under way at once. */
export const probesAtOnce = 200;

export type Lane = 'steady' | 'failing';

const placesOf = { steady: probesAtOnce, failing: probesAtOnce / 2 } as const;

export class Lanes {
  readonly #taken = { steady: 0, failing: 0 };
  readonly #waiting = { steady: new Set<RegistrationId>(), failing: new Set<RegistrationId>() };

  wait(lane: Lane, id: RegistrationId): void {
    this.#waiting[lane].add(id);
  }

  /** Those of healthy instances that wait. */
  get steady(): Iterable<RegistrationId> {
    return this.#waiting.steady;
  }

  /** Takes a place for each of those that have waited longest, while there are places. */
  *take(): Iterable<{ id: RegistrationId; lane: Lane }> {
    for (const lane of ['steady', 'failing'] as const)
      for (const id of this.#waiting[lane]) {
        if (this.#taken.steady + this.#taken.failing >= probesAtOnce || this.#taken[lane] >= placesOf[lane]) break;
        this.#waiting[lane].delete(id);
        this.#taken[lane]++;
        yield { id, lane };
      }
  }

  free(lane: Lane): void {
    this.#taken[lane]--;
  }

  forget(id: RegistrationId): void {
    this.#waiting.steady.delete(id);
    this.#waiting.failing.delete(id);
  }
}
