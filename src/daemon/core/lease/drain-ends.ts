/**
 * When the drains that end by themselves are over, on this daemon's lease clock.
 *
 * A decision says how much of its time was left when it was written. Every daemon counts from when it reads that, so it
 * is late by the delivery, and never early. If it reads it several times, the earliest end is the right one. What is
 * written again has what is left by then, so a daemon that joins counts on where the others are, and does not begin
 * anew (docs/decisions/0038-drains-that-end.md).
 *
 * The daemon that holds the entry ends the drain. The others wait for it, one longer than the other, and end it if it
 * does not. The end is a decision like any other, and the same one whichever daemon writes it.
 */

import type { LeaseTime } from '../../../crdt/clocks.js';
import { type Decision, isSameDecision } from '../../../crdt/decision.js';
import { type Entry, withDecision } from '../../../crdt/entry.js';
import type { LifeId } from '../../../crdt/ids.js';
import type { View } from '../../../crdt/view.js';
import { limits } from '../../../model/limits.js';
import type { RegistrationId } from '../../../model/registration.js';
import { Deadlines } from './deadlines.js';

/** A drain whose end is awaited. */
interface Awaited {
  id: RegistrationId;
  decision: Decision;
  /** When it is over. */
  at: LeaseTime;
}

/** Why an instance takes part again: the reason in the event. */
export const endedReason = 'its time was over';

export class DrainEnds {
  /** By life: one that another life has followed at its address may count again after a split. */
  readonly #awaited = new Map<LifeId, Awaited>();
  readonly #due = new Deadlines<LifeId>();

  /**
   * @param now  lease-clock ms
   * @param patience  ms for which this daemon waits for another one to end the drain of this id
   */
  constructor(
    private readonly view: View,
    private readonly now: () => LeaseTime,
    private readonly patience: (id: RegistrationId) => number,
  ) {
    view.onChange((id) => this.#see(id));
  }

  get size(): number {
    return this.#awaited.size;
  }

  /** When the next one is to be looked at; undefined if none is awaited. */
  next(): LeaseTime | undefined {
    return this.#due.next();
  }

  /** The ids whose drain ends by itself. */
  ids(): RegistrationId[] {
    return [...this.#awaited.values()].map(({ id }) => id);
  }

  /** `entry` as it is to be written now: its decision says how much time is left. */
  stamped(entry: Entry): Entry {
    return withDecision(entry, entry.decision && this.stampedDecision(entry.life, entry.decision));
  }

  /** The same for a decision alone. */
  stampedDecision(life: LifeId, decision: Decision): Decision {
    const awaited = this.#awaited.get(life);
    if (!decision.end || !awaited || !isSameDecision(awaited.decision, decision)) return decision;
    const left = Math.max(0, Math.ceil(awaited.at - this.now()));
    return left === decision.end.left ? decision : { ...decision, end: { ...decision.end, left } };
  }

  /** Removes and returns what is over, and what is decided then. */
  takeDue(): [id: RegistrationId, life: LifeId, decision: Decision][] {
    const ended: [RegistrationId, LifeId, Decision][] = [];
    const now = this.now();
    for (const life of this.#due.takeDue(now)) {
      const { id, decision, at } = this.#awaited.get(life)!;
      const endsAt = at + this.patience(id);
      if (endsAt > now) {
        this.#due.set(life, endsAt);
        continue;
      }
      // What is not online now stays awaited: it ends when it is back.
      if (this.view.winner(id)?.entry.life !== life) continue;
      const turn = Math.min(decision.turn + 1, limits.rev);
      ended.push([id, life, { turn, draining: false, reason: endedReason }]);
    }
    return ended;
  }

  /** Forgets those that were decided otherwise, and those whose life is gone. */
  tidy(): void {
    for (const [life, { id, decision }] of this.#awaited)
      if (!this.#isOf(decision, this.view.decision(id, life))) this.#forget(life);
  }

  /** The winning entry of an id has changed. */
  #see(id: RegistrationId): void {
    const entry = this.view.winner(id)?.entry;
    if (!entry) return;
    const { life, decision } = entry;
    const awaited = this.#awaited.get(life);
    if (decision?.end) {
      const isKnown = awaited && isSameDecision(awaited.decision, decision);
      const at = Math.min(this.now() + decision.end.left, isKnown ? awaited.at : Infinity);
      this.#awaited.set(life, { id, decision, at });
      this.#due.set(life, at);
    } else if (awaited) {
      if (this.#isOf(awaited.decision, decision)) this.#due.set(life, awaited.at);
      else this.#forget(life);
    }
  }

  /** Whether `other` is this decision, or a copy that has lost its end. */
  #isOf(decision: Decision, other: Decision | undefined): boolean {
    return other?.draining === true && other.turn === decision.turn && (other.id ?? decision.id) === decision.id;
  }

  #forget(life: LifeId): void {
    this.#awaited.delete(life);
    this.#due.delete(life);
  }
}
