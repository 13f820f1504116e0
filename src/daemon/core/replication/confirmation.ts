/**
 * Finds out what every daemon knows by now, in rounds. A round notes the heads of all documents. It is over when every
 * live daemon has confirmed over its own link that it has them, and when everything that a daemon did before it had
 * them has had time to arrive.
 *
 * Releases are dropped by it (docs/decisions/0022-releases.md). It works in a full mesh without missing daemons: one
 * that was lost without leaving may be alive elsewhere, and bring back what was released meanwhile.
 */

import type { LeaseTime } from '../../../crdt/clocks.js';
import type { Heads } from '../../../crdt/document.js';
import type { DocumentName, RunId } from '../../../crdt/ids.js';
import type { DocumentStore } from './document-store.js';
import type { Link } from './link.js';
import type { LinkTable } from './link-table.js';
import type { Membership } from '../membership/membership.js';
import type { Self } from '../self.js';
import { meshLimit } from './overlay.js';

/** How long a daemon that was lost without leaving may be alive elsewhere. */
export const missedForMs = 10 * 60_000;

export interface ConfirmationContext {
  readonly membership: Membership;
  readonly documents: DocumentStore;
  readonly links: Pick<LinkTable, 'linkTo'>;
  readonly self: () => Self;
  readonly peerTimeoutMs: number;
  /** Whether this daemon may be cut off. */
  readonly isStale: () => boolean;
  /** Lease-clock ms. */
  readonly now: () => LeaseTime;
}

interface Round {
  at: LeaseTime;
  heads: ReadonlyMap<DocumentName, Heads>;
  /** The daemons that have all of it, and when the last one of them confirmed. */
  confirmedBy: Set<RunId>;
  confirmedAt: LeaseTime;
}

export class Confirmation {
  #round: Round | undefined;

  constructor(private readonly context: ConfirmationContext) {}

  /**
   * Continues the present round, or begins one. Returns the time of a round that is over now: every daemon has what was
   * written here before it, and whatever they did before they had it is known here. Returns undefined otherwise.
   */
  review(): number | undefined {
    const { membership, peerTimeoutMs, now } = this.context;
    if (
      this.context.isStale() ||
      membership.live().length > meshLimit ||
      membership.isAnyoneMissing(now(), missedForMs)
    ) {
      this.#round = undefined;
      return undefined;
    }
    if (this.#round?.confirmedBy.has(this.context.self().runId) !== true) this.#round = this.#begin();
    const round = this.#round;
    if (!this.#isConfirmed(round)) return undefined;
    if (now() - round.confirmedAt < 1.5 * peerTimeoutMs) return undefined;
    this.#round = undefined;
    return round.at;
  }

  #begin(): Round {
    const { documents, now } = this.context;
    const heads = new Map<DocumentName, Heads>();
    for (const name of documents.names()) if (!documents.isShared(name)) heads.set(name, documents.get(name)!.heads);
    return { at: now(), heads, confirmedBy: new Set([this.context.self().runId]), confirmedAt: now() };
  }

  /** Checks the daemons that have not confirmed yet, new ones included. */
  #isConfirmed(round: Round): boolean {
    const { membership, now } = this.context;
    let all = true;
    for (const { runId, holdings } of membership.live()) {
      if (round.confirmedBy.has(runId)) continue;
      const link = this.context.links.linkTo(holdings!.owner!.url, runId);
      if (link === undefined || !this.#hasAll(link, round)) {
        all = false;
        continue;
      }
      round.confirmedBy.add(runId);
      round.confirmedAt = now();
    }
    return all;
  }

  #hasAll(link: Link, round: Round): boolean {
    for (const [name, heads] of round.heads) {
      const document = this.context.documents.get(name);
      if (document === undefined) {
        // Its incarnation was forgotten, or a later epoch has replaced it: begin again.
        this.#round = undefined;
        return false;
      }
      if (!document.covers(link.sync.theirs(name) ?? [], heads)) return false;
    }
    return true;
  }
}
