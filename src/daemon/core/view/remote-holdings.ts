/**
 * Merges the holdings of the other daemons into the view: their entries and releases as they arrive, and what becomes
 * of them when an incarnation is lost, comes back, or no longer matters.
 *
 * A false suspicion that ends before entries lapse writes nothing and is not visible.
 */

import type { LeaseTime } from '../../../crdt/clocks.js';
import type { Entry } from '../../../crdt/entry.js';
import type { Decided, HoldingsChange } from '../../../crdt/holdings.js';
import type { LifeId } from '../../../crdt/ids.js';
import type { View } from '../../../crdt/view.js';
import type { RegistrationId } from '../../../model/registration.js';
import type { Incarnation, Membership } from '../membership/membership.js';
import type { DocumentStore } from '../replication/document-store.js';
import type { Announcements } from './announcements.js';
import { lapseTime, type Orphans } from './orphans.js';

/** How long releases and lost incarnations are kept after the last copy must have expired. */
export const releaseGraceMs = 1000;

/** How long an incarnation whose holdings never arrive is remembered: they might still matter. */
const hearsayMs = 30_000;

/** What changed elsewhere, so that own entries follow. */
export interface Touched {
  /** The changed ids, each with the lives that were released meanwhile, even if only for a moment. */
  readonly ids: ReadonlyMap<RegistrationId, ReadonlySet<LifeId>>;
  /** Decisions of lost daemons. */
  readonly decisionsOfLost: readonly (readonly [id: RegistrationId, decided: Decided])[];
}

export interface RemoteHoldingsContext {
  readonly view: View;
  readonly orphans: Orphans;
  readonly announcements: Announcements;
  readonly membership: Membership;
  readonly documents: Pick<DocumentStore, 'drop'>;
  readonly peerTimeoutMs: number;
  /** The TTL to assume if none is known. */
  readonly defaultTtlMs: number;
  /** Whether this daemon may be cut off. */
  readonly isStale: () => boolean;
  /** Lease-clock ms. */
  readonly now: () => LeaseTime;
}

export class RemoteHoldings {
  /**
   * Incarnations that are heard again, or were heard by others for longer than it seemed, and since when that is known.
   * Their lapsed entries count again when their present holdings have had time to arrive: a sign of life does not tell
   * what expired there meanwhile. Entries that would soon lapse again stay lapsed: they would be online for a moment
   * only.
   */
  readonly #returning = new Map<Incarnation, LeaseTime>();
  /** Those of them that had been forgotten: until then, all entries that arrive from them count as lapsed. */
  readonly #revived = new Set<Incarnation>();
  #touched = new Map<RegistrationId, Set<LifeId>>();
  #decisionsOfLost: [RegistrationId, Decided][] = [];

  constructor(private readonly context: RemoteHoldingsContext) {}

  /** Takes in the changes of an incarnation's holdings. */
  take(incarnation: Incarnation, changes: readonly HoldingsChange[]): void {
    const { view, orphans, membership, announcements } = this.context;
    // Its entries had lapsed here before it was forgotten.
    if (incarnation.takeRevived()) {
      this.#revived.add(incarnation);
      this.#awaitHoldings(incarnation);
    }
    for (const change of changes) {
      if (change.kind === 'owner') {
        membership.changed();
        if (!incarnation.lost) announcements.announce(incarnation);
        continue;
      }
      const { id } = change;
      const ended = this.#touch(id);
      switch (change.kind) {
        case 'entry':
          this.#setEntry(incarnation, id, change.entry);
          break;
        case 'released': {
          const { lives = [], replaced, ttl = 0 } = change.release ?? {};
          orphans.lapseReleased(id);
          view.setReleased(incarnation.runId, id, lives, replaced);
          for (const life of lives) ended.add(life);
          incarnation.sawTtl(ttl);
          break;
        }
        case 'decided':
          view.setDecided(incarnation.runId, id, change.decided);
          if (incarnation.lost && change.decided) this.#decisionsOfLost.push([id, change.decided]);
          break;
      }
    }
  }

  /** What has changed elsewhere since the last call. */
  takeTouched(): Touched {
    const touched = { ids: this.#touched, decisionsOfLost: this.#decisionsOfLost };
    this.#touched = new Map();
    this.#decisionsOfLost = [];
    return touched;
  }

  /** Finds out which incarnations are lost or back, and moves their entries accordingly. */
  review(self: Incarnation | undefined): void {
    const { membership, orphans, announcements, now } = this.context;
    const { lost, moved, back } = membership.review(now(), self);
    for (const incarnation of lost) {
      orphans.adopt(incarnation);
      this.#decisionsOfLost.push(...(incarnation.holdings?.decided ?? []));
      announcements.withdraw(incarnation);
    }
    for (const incarnation of moved) {
      orphans.adopt(incarnation);
      this.#awaitHoldings(incarnation);
    }
    for (const incarnation of back) {
      orphans.release(incarnation);
      this.#awaitHoldings(incarnation);
      announcements.announce(incarnation);
    }
    this.#settleReturning();
    for (const incarnation of [...membership.all()])
      if (incarnation.lost && !this.context.isStale() && this.#isOver(incarnation)) this.#forget(incarnation);
  }

  #touch(id: RegistrationId): Set<LifeId> {
    let ended = this.#touched.get(id);
    if (!ended) this.#touched.set(id, (ended = new Set()));
    return ended;
  }

  #setEntry(incarnation: Incarnation, id: RegistrationId, entry: Entry | undefined): void {
    incarnation.sawTtl(entry?.ttl ?? 0);
    const lapsed = this.context.orphans.see(incarnation, id, entry, this.#revived.has(incarnation));
    this.context.view.set(incarnation.runId, id, entry, lapsed);
  }

  /** Lapsed entries of this incarnation count again once its present holdings can have arrived. */
  #awaitHoldings(incarnation: Incarnation): void {
    if (!this.#returning.has(incarnation)) this.#returning.set(incarnation, this.context.now());
  }

  #settleReturning(): void {
    const { view, now, peerTimeoutMs } = this.context;
    const waitMs = peerTimeoutMs / 2;
    for (const [incarnation, since] of this.#returning) {
      if (now() - since < waitMs) continue;
      this.#returning.delete(incarnation);
      this.#revived.delete(incarnation);
      // It was suspended, and was heard for a moment before it noticed.
      if (incarnation.wasReplacedAlive(peerTimeoutMs)) continue;
      for (const [id, entry] of incarnation.holdings?.entries ?? [])
        if (!incarnation.lost || lapseTime(incarnation, entry) > now() + waitMs)
          view.setLapsed(incarnation.runId, id, false);
    }
  }

  /** Whether a lost incarnation no longer matters: its entries have lapsed, and its releases are no longer needed. */
  #isOver(incarnation: Incarnation): boolean {
    const { lostAt, longestTtlMs, metAt, published } = incarnation;
    const { defaultTtlMs, peerTimeoutMs, orphans } = this.context;
    const now = this.context.now();
    return (
      now >= lostAt + Math.max(defaultTtlMs, longestTtlMs) + peerTimeoutMs + releaseGraceMs &&
      (published || now >= metAt + hearsayMs) &&
      // An entry that lapses only now is published as lapsed first.
      orphans.haveLapsed(incarnation)
    );
  }

  #forget(incarnation: Incarnation): void {
    const { view, orphans, membership, documents } = this.context;
    for (const id of incarnation.holdings?.entries.keys() ?? []) this.#setEntry(incarnation, id, undefined);
    for (const id of incarnation.holdings?.released.keys() ?? []) {
      orphans.lapseReleased(id);
      view.setReleased(incarnation.runId, id, []);
    }
    for (const id of incarnation.holdings?.decided.keys() ?? []) view.setDecided(incarnation.runId, id, undefined);
    this.#returning.delete(incarnation);
    this.#revived.delete(incarnation);
    membership.forget(incarnation);
    documents.drop(incarnation);
  }
}
