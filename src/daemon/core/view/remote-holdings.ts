/**
 * Turns what this daemon hears of the others into its view: their entries and releases as they arrive, and
 * what becomes of them when an incarnation is lost, comes back, or matters no more.
 *
 * A false suspicion that ends before entries lapse writes nothing and is never noticed.
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

/** ms that releases and lost incarnations are kept beyond the last moment at which a copy could be about. */
export const releaseGraceMs = 1000;

/** ms for which an incarnation is remembered whose holdings never arrive: what is in them might still matter. */
const hearsayMs = 30_000;

/** What changed elsewhere, for own entries to follow. */
export interface Touched {
  /** The ids, each with the lives that were released meanwhile, if only for a moment. */
  readonly ids: ReadonlyMap<RegistrationId, ReadonlySet<LifeId>>;
  /** What daemons that are lost had decided. */
  readonly decisionsOfLost: readonly (readonly [id: RegistrationId, decided: Decided])[];
}

export interface RemoteHoldingsContext {
  readonly view: View;
  readonly orphans: Orphans;
  readonly announcements: Announcements;
  readonly membership: Membership;
  readonly documents: Pick<DocumentStore, 'drop'>;
  readonly peerTimeoutMs: number;
  /** A TTL to assume where nothing says more. */
  readonly defaultTtlMs: number;
  /** Whether this daemon may be the one that is cut off. */
  readonly isStale: () => boolean;
  /** Lease-clock ms. */
  readonly now: () => LeaseTime;
}

export class RemoteHoldings {
  /**
   * Incarnations that are heard again, or were heard by others for longer than was thought, and since when that is
   * known. What had lapsed of theirs counts again when their holdings have had time to arrive as they are now: a sign
   * of life says nothing of what expired there meanwhile. What would soon lapse once more stays away: it would be
   * online for a moment only.
   */
  readonly #returning = new Map<Incarnation, LeaseTime>();
  /** Those of them that had been forgotten: all that arrives of them has lapsed until then. */
  readonly #revived = new Set<Incarnation>();
  #touched = new Map<RegistrationId, Set<LifeId>>();
  #decisionsOfLost: [RegistrationId, Decided][] = [];

  constructor(private readonly context: RemoteHoldingsContext) {}

  /** Takes in what is different in somebody's holdings. */
  take(incarnation: Incarnation, changes: readonly HoldingsChange[]): void {
    const { view, orphans, membership, announcements } = this.context;
    // What it held had lapsed here before it was forgotten.
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

  /** What has changed elsewhere since it was asked last. */
  takeTouched(): Touched {
    const touched = { ids: this.#touched, decisionsOfLost: this.#decisionsOfLost };
    this.#touched = new Map();
    this.#decisionsOfLost = [];
    return touched;
  }

  /** Compares everyone's signs of life with the clock. */
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

  /** What has lapsed of an incarnation may count again when what it holds by now can have arrived. */
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
      // It was suspended: it was heard for a moment before it knew.
      if (incarnation.wasReplacedAlive(peerTimeoutMs)) continue;
      for (const [id, entry] of incarnation.holdings?.entries ?? [])
        if (!incarnation.lost || lapseTime(incarnation, entry) > now() + waitMs)
          view.setLapsed(incarnation.runId, id, false);
    }
  }

  /**
   * Whether nothing in a lost incarnation can matter any more: its entries have lapsed, its releases have done their
   * work.
   */
  #isOver(incarnation: Incarnation): boolean {
    const { lostAt, longestTtlMs, metAt, published } = incarnation;
    const { defaultTtlMs, peerTimeoutMs, orphans } = this.context;
    const now = this.context.now();
    return (
      now >= lostAt + Math.max(defaultTtlMs, longestTtlMs) + peerTimeoutMs + releaseGraceMs &&
      (published || now >= metAt + hearsayMs) &&
      // What lapses only now is told as lapsed first.
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
