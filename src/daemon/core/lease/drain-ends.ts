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
  life: LifeId;
  decision: Decision;
  /** When it is over. */
  at: LeaseTime;
}

/** Why an instance takes part again: the reason in the event. */
export const endedReason = 'its time was over';

export class DrainEnds {
  readonly #awaited = new Map<RegistrationId, Awaited>();
  readonly #due = new Deadlines<RegistrationId>();

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
    return [...this.#awaited.keys()];
  }

  /** `entry` as it is to be written now: its decision says how much time is left. */
  stamped(id: RegistrationId, entry: Entry): Entry {
    return withDecision(entry, entry.decision && this.stampedDecision(id, entry.life, entry.decision));
  }

  /** The same for a decision alone. */
  stampedDecision(id: RegistrationId, life: LifeId, decision: Decision): Decision {
    const awaited = this.#awaited.get(id);
    if (!decision.end || awaited?.life !== life || !isSameDecision(awaited.decision, decision)) return decision;
    const left = Math.max(0, Math.ceil(awaited.at - this.now()));
    return left === decision.end.left ? decision : { ...decision, end: { ...decision.end, left } };
  }

  /** Removes and returns what is over, and what is decided then. */
  takeDue(): [id: RegistrationId, life: LifeId, decision: Decision][] {
    const ended: [RegistrationId, LifeId, Decision][] = [];
    const now = this.now();
    for (const id of this.#due.takeDue(now)) {
      const awaited = this.#awaited.get(id)!;
      const endsAt = awaited.at + this.patience(id);
      if (endsAt > now) {
        this.#due.set(id, endsAt);
        continue;
      }
      // What is not online now stays awaited: it ends when it is back.
      const entry = this.view.winner(id)?.entry;
      if (entry?.life !== awaited.life) continue;
      const turn = Math.min(awaited.decision.turn + 1, limits.rev);
      ended.push([id, awaited.life, { turn, draining: false, reason: endedReason }]);
    }
    return ended;
  }

  /** Forgets those that were decided otherwise, and those whose life is gone. */
  tidy(): void {
    for (const [id, { life, decision }] of this.#awaited)
      if (!this.#isOf(decision, this.view.decision(id, life))) this.#forget(id);
  }

  /** The winning entry of an id has changed. */
  #see(id: RegistrationId): void {
    const entry = this.view.winner(id)?.entry;
    const decision = entry?.decision;
    const awaited = this.#awaited.get(id);
    if (entry && decision?.end) {
      const isKnown = awaited?.life === entry.life && isSameDecision(awaited.decision, decision);
      const at = Math.min(this.now() + decision.end.left, isKnown ? awaited.at : Infinity);
      this.#awaited.set(id, { life: entry.life, decision, at });
      this.#due.set(id, at);
    } else if (entry && awaited) {
      if (awaited.life === entry.life && this.#isOf(awaited.decision, decision)) this.#due.set(id, awaited.at);
      else this.#forget(id);
    }
  }

  /** Whether `other` is this decision, or a copy that has lost its end. */
  #isOf(decision: Decision, other: Decision | undefined): boolean {
    return other?.draining === true && other.turn === decision.turn && (other.id ?? decision.id) === decision.id;
  }

  #forget(id: RegistrationId): void {
    this.#awaited.delete(id);
    this.#due.delete(id);
  }
}
