/**
 * Decisions (drain, undrain) that operators have made at this daemon. They are kept beside the entries, where they
 * count at once, until the holder of the entry has copied them.
 */

import type { LeaseTime } from '../../../crdt/clocks.js';
import type { Decided } from '../../../crdt/holdings.js';
import type { RunId } from '../../../crdt/ids.js';
import type { OwnHoldings } from '../../../crdt/own-holdings.js';
import type { View } from '../../../crdt/view.js';
import type { RegistrationId } from '../../../model/registration.js';
import type { Membership } from '../membership/membership.js';
import type { DrainEnds } from './drain-ends.js';

/**
 * How long a decision is kept: its holder may be cut off, and bring back the entry without it when the network has
 * healed.
 */
const rememberForMs = 10 * 60_000;

export class KeptDecisions {
  /** When each decision was made. */
  readonly #decidedAt = new Map<RegistrationId, LeaseTime>();

  /** @param runId  of the incarnation that keeps them */
  constructor(
    private readonly own: OwnHoldings,
    private readonly view: View,
    private readonly membership: Membership,
    private readonly ends: Pick<DrainEnds, 'stampedDecision'>,
    private readonly runId: RunId,
  ) {}

  /** Keeps a decision; undefined drops it. */
  keep(id: RegistrationId, decided: Decided | undefined, now: LeaseTime): void {
    if (decided) this.#decidedAt.set(id, now);
    else this.#decidedAt.delete(id);
    this.#write(id, decided);
  }

  /** Writes a decision again, with what is left of its time. */
  handOn(id: RegistrationId): void {
    const decided = this.own.decided.get(id);
    if (decided?.decision.end) this.#write(id, decided);
  }

  /**
   * Keeps a decision of a lost daemon, unless a live holder has copied it. Daemons that were cut off from the lost one
   * forget it, and would never hear of the decision.
   */
  inherit(id: RegistrationId, decided: Decided, now: LeaseTime): void {
    const { life, decision } = decided;
    const { view, membership, runId } = this;
    if (view.winner(id)?.entry.life !== life) return;
    const kept = this.own.decided.get(id);
    if (kept?.life === life && kept.decision.turn >= decision.turn) return;
    const isTakenIn = view
      .copies(id)
      .some(
        ({ holder, entry }) =>
          (holder === runId || membership.get(holder)?.lost === false) &&
          entry.life === life &&
          (entry.decision?.turn ?? 0) >= decision.turn,
      );
    if (!isTakenIn) this.keep(id, decided, now);
  }

  /** Drops the decisions that are no longer needed. */
  tidy(now: LeaseTime): void {
    for (const [id, at] of this.#decidedAt) {
      const isOver = now - at >= rememberForMs || this.view.isReleased(this.own.decided.get(id)!.life);
      if (isOver) this.keep(id, undefined, now);
    }
  }

  #write(id: RegistrationId, decided: Decided | undefined): void {
    const stamped = decided && {
      life: decided.life,
      decision: this.ends.stampedDecision(decided.life, decided.decision),
    };
    this.own.setDecided(id, stamped);
    this.view.setDecided(this.runId, id, stamped);
  }
}
