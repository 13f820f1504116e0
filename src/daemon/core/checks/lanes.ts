/**
 * Bounds how many probes are under way. Probes that take long have a part of the places only, so that they do not keep
 * other instances from being probed: those of instances that fail, which take their whole timeout, and those of slow
 * ones. Apps take turns, and one app does not have all places of the slow.
 */

import { addressOf, type RegistrationId } from '../../../model/registration.js';

/** Probes under way at once. */
export const probesAtOnce = 200;

export type Lane = 'slow' | 'steady' | 'failing';

type App = string;

/** Probes of one kind: those that wait for a place, and how many have one, by app. */
class Places {
  /** Apps in the order of their turns. */
  readonly waiting = new Map<App, Set<RegistrationId>>();
  readonly #taken = new Map<App, number>();
  #allTaken = 0;

  constructor(
    private readonly all: number,
    private readonly ofApp = all,
  ) {}

  wait(id: RegistrationId): void {
    const { app } = addressOf(id);
    const ids = this.waiting.get(app);
    if (ids) ids.add(id);
    else this.waiting.set(app, new Set([id]));
  }

  /** Takes a place for the probe that has waited longest of the app whose turn it is. */
  take(): RegistrationId | undefined {
    if (this.#allTaken >= this.all) return undefined;
    for (const [app, ids] of this.waiting) {
      const taken = this.#taken.get(app) ?? 0;
      if (taken >= this.ofApp) continue;
      const [id] = ids as Set<RegistrationId> & [RegistrationId];
      ids.delete(id);
      this.waiting.delete(app);
      if (ids.size > 0) this.waiting.set(app, ids);
      this.#taken.set(app, taken + 1);
      this.#allTaken++;
      return id;
    }
    return undefined;
  }

  free(id: RegistrationId): void {
    const { app } = addressOf(id);
    const left = this.#taken.get(app)! - 1;
    if (left > 0) this.#taken.set(app, left);
    else this.#taken.delete(app);
    this.#allTaken--;
  }

  forget(id: RegistrationId): void {
    const { app } = addressOf(id);
    const ids = this.waiting.get(app);
    if (ids?.delete(id) && ids.size === 0) this.waiting.delete(app);
  }
}

export class Lanes {
  /** In the order in which they take places. */
  readonly #places: Readonly<Record<Lane, Places>> = {
    slow: new Places(probesAtOnce / 4, probesAtOnce / 8),
    steady: new Places(probesAtOnce),
    failing: new Places(probesAtOnce / 2),
  };
  #taken = 0;

  wait(lane: Lane, id: RegistrationId): void {
    this.#places[lane].wait(id);
  }

  /** Those that wait. */
  *waiting(): Iterable<RegistrationId> {
    for (const { waiting } of Object.values(this.#places)) for (const ids of waiting.values()) yield* ids;
  }

  /** Takes places while there are any. */
  *take(): Iterable<{ id: RegistrationId; lane: Lane }> {
    for (const lane of ['slow', 'steady', 'failing'] as const)
      while (this.#taken < probesAtOnce) {
        const id = this.#places[lane].take();
        if (id === undefined) break;
        this.#taken++;
        yield { id, lane };
      }
  }

  free(lane: Lane, id: RegistrationId): void {
    this.#places[lane].free(id);
    this.#taken--;
  }

  forget(id: RegistrationId): void {
    for (const places of Object.values(this.#places)) places.forget(id);
  }
}
