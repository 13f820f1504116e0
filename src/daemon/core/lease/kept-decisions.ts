/**
 * What operators have decided at this daemon of an instance, kept beside the entries, where it counts already, for
 * those who hold the entry to take in.
 */

import type { LeaseTime } from '../../../crdt/clocks.js';
import type { Decided } from '../../../crdt/holdings.js';
import type { RunId } from '../../../crdt/ids.js';
import type { OwnHoldings } from '../../../crdt/own-holdings.js';
import type { View } from '../../../crdt/view.js';
import type { RegistrationId } from '../../../model/registration.js';
import type { Membership } from '../membership/membership.js';

/**
 * ms for which a decision is kept: the holder may be cut off, and bring the entry back as it was when the network has
 * healed.
 */
const rememberForMs = 10 * 60_000;

export class KeptDecisions {
  /** When each was made. */
  readonly #decidedAt = new Map<RegistrationId, LeaseTime>();

  /** @param runId  of the incarnation that keeps them */
  constructor(
    private readonly own: OwnHoldings,
    private readonly view: View,
    private readonly membership: Membership,
    private readonly runId: RunId,
  ) {}

  /** Keeps a decision or, undefined, keeps it no longer. */
  keep(id: RegistrationId, decided: Decided | undefined, now: LeaseTime): void {
    if (decided) this.#decidedAt.set(id, now);
    else this.#decidedAt.delete(id);
    this.own.setDecided(id, decided);
    this.view.setDecided(this.runId, id, decided);
  }

  /**
   * Keeps what a daemon that is lost had decided, unless a live holder has taken it in: daemons that were cut off from
   * that one forget it, and would never hear of the decision.
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

  /** Forgets those that have served their time. */
  tidy(now: LeaseTime): void {
    for (const [id, at] of this.#decidedAt) {
      const isOver = now - at >= rememberForMs || this.view.isReleased(this.own.decided.get(id)!.life);
      if (isOver) this.keep(id, undefined, now);
    }
  }
}
