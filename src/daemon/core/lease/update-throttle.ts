/**
 * Limits how often an entry is written: in the long run once per {@link updateEveryMs}, so that two owners of one id
 * cannot write at every renewal. An update that comes sooner waits; a later one replaces it.
 */

import type { LeaseTime } from '../../../crdt/clocks.js';
import type { RegistrationId } from '../../../model/registration.js';
import type { EntryChange } from '../replication/frame.js';
import { Deadlines } from './deadlines.js';

const updateEveryMs = 1000;

/**
 * How many updates of an id are written at once after a while without any. An update that waits is lost if the daemon
 * crashes.
 */
export const updateBurst = 5;

export class UpdateThrottle {
  /** By id: until when its updates so far would have lasted at one per {@link updateEveryMs}. */
  readonly #last = new Map<RegistrationId, LeaseTime>();
  /** When each pending update may be written. */
  readonly #due = new Deadlines<RegistrationId>();
  readonly #pending = new Map<RegistrationId, EntryChange>();

  /** When the next pending update is due; undefined if there is none. */
  next(): LeaseTime | undefined {
    return this.#due.next();
  }

  /** The update of this id that waits. */
  pending(id: RegistrationId): EntryChange | undefined {
    return this.#pending.get(id);
  }

  /** Whether an update may be written now. If not, it waits and replaces the one that waited. */
  admit(id: RegistrationId, change: EntryChange, now: LeaseTime): boolean {
    const lasts = Math.max(now, this.#last.get(id) ?? now);
    const mayWriteAt = lasts - (updateBurst - 1) * updateEveryMs;
    // What has become unhealthy or healthy is to be offline or online at once.
    if (change.unhealthy === undefined && mayWriteAt > now) {
      this.#pending.set(id, change);
      this.#due.set(id, mayWriteAt);
      return false;
    }
    this.#last.set(id, lasts + updateEveryMs);
    return true;
  }

  /** What waits for this id is no longer wanted. */
  forget(id: RegistrationId): void {
    this.#due.delete(id);
    this.#pending.delete(id);
  }

  /** Removes and returns the updates that have waited long enough. */
  takeDue(now: LeaseTime): [id: RegistrationId, change: EntryChange][] {
    return this.#due.takeDue(now).flatMap((id): [RegistrationId, EntryChange][] => {
      const change = this.#pending.get(id);
      this.#pending.delete(id);
      return change ? [[id, change]] : [];
    });
  }

  /** Removes and returns all that wait, and lets them be written: there will be no later. */
  takeAll(): [id: RegistrationId, change: EntryChange][] {
    const all = [...this.#pending];
    for (const [id] of all) {
      this.#last.delete(id);
      this.forget(id);
    }
    return all;
  }

  /** Forgets when ids were updated, if that no longer makes a difference. */
  tidy(now: LeaseTime): void {
    for (const [id, until] of this.#last) if (until <= now) this.#last.delete(id);
  }
}
