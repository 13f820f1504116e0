/**
 * Turns what this daemon hears of the others into its view: their entries and releases as they arrive, and
 * what becomes of them when an incarnation is lost, comes back, or matters no more.
 *
 * Entries of a lost incarnation are orphans: they count for their TTL and a grace from the loss, so that
 * whoever renews them elsewhere is in time, and then lapse. A false suspicion that ends before writes
 * nothing and is never noticed.
 */

import type { Decided, HoldingsChange, Owner } from '../../../crdt/holdings.js';
import type { Entry } from '../../../crdt/entry.js';
import { View } from '../../../crdt/view.js';
import { daemonApp } from '../../../model/daemon.js';
import type { DaemonEvent } from '../../../model/events.js';
import { formatId, type RegistrationId } from '../../../model/registration.js';
import { Deadlines } from '../lease/deadlines.js';
import type { DocumentStore } from '../replication/document-store.js';
import type { Incarnation, Membership } from '../membership/membership.js';

/** ms that an orphan counts beyond its TTL: a renewal may be on its way. */
export const orphanGrace = 500;

/** ms that releases and lost incarnations are kept beyond the last moment at which a copy could be about. */
export const releaseGrace = 1000;

/** ms for which an incarnation is remembered whose holdings never arrive: what is in them might still matter. */
const hearsayFor = 30_000;

export interface ObserverHost {
  readonly membership: Membership;
  readonly documents: DocumentStore;
  readonly peerTimeout: number;
  /** A TTL to assume where nothing says more. */
  readonly ttl: number;
  /** Whether this daemon may be the one that is cut off. */
  readonly stale: boolean;
  /** Lease-clock ms. */
  readonly now: () => number;
  emit(event: DaemonEvent): void;
  /** An entry, a release or a decision of this id changed at another holder. */
  onElsewhere(id: string): void;
  /** A daemon that is lost had decided this. */
  onDecisionOfLost(id: string, decided: Decided): void;
}

export class Observer {
  readonly view = new View();
  /** When each orphan lapses, by `RUNID ID`. */
  readonly orphans = new Deadlines();
  /**
   * Incarnations that are heard again, or were heard by others for longer than was thought, and since when that is known. What
   * had lapsed of theirs counts again when their holdings have had time to arrive as they are now: a sign of life says
   * nothing of what expired there meanwhile. What would soon lapse once more stays away: it would be online for a moment only.
   */
  readonly #returning = new Map<Incarnation, number>();
  /** Those of them that had been forgotten: all that arrives of them has lapsed until then. */
  readonly #revived = new Set<Incarnation>();
  /** Daemons announced as online, and under which id each stands in the view. */
  readonly #announced = new Map<Incarnation, { owner: Owner; id: RegistrationId }>();

  constructor(private readonly host: ObserverHost) {}

  /** Takes in what is different in somebody's holdings. */
  onHoldings(incarnation: Incarnation, changes: HoldingsChange[]): void {
    // What it held had lapsed here before it was forgotten.
    if (incarnation.revived) {
      incarnation.revived = false;
      this.#revived.add(incarnation);
      this.#awaitHoldings(incarnation);
    }
    for (const change of changes) {
      switch (change.kind) {
        case 'owner':
          this.host.membership.changed();
          if (!incarnation.lost) this.#announce(incarnation);
          break;
        case 'entry':
          this.#setEntry(incarnation, change.id, change.entry);
          this.host.onElsewhere(change.id);
          break;
        case 'released':
          this.#lapseReleased(change.id);
          this.view.setReleased(
            incarnation.runId,
            change.id,
            change.release?.lives ?? [],
            change.release?.replaced,
          );
          incarnation.longestTtl = Math.max(incarnation.longestTtl, change.release?.ttl ?? 0);
          this.host.onElsewhere(change.id);
          break;
        case 'decided':
          this.view.setDecided(incarnation.runId, change.id, change.decided);
          if (incarnation.lost && change.decided) this.host.onDecisionOfLost(change.id, change.decided);
          this.host.onElsewhere(change.id);
          break;
      }
    }
  }

  /** Compares everyone's signs of life with the clock. */
  review(self: Incarnation | undefined): void {
    const { lost, moved, back } = this.host.membership.review(this.host.now(), self);
    for (const incarnation of lost) {
      this.#adopt(incarnation);
      for (const [id, decided] of incarnation.holdings?.decided ?? [])
        this.host.onDecisionOfLost(id, decided);
      this.#withdraw(incarnation);
    }
    for (const incarnation of moved) {
      this.#adopt(incarnation);
      this.#awaitHoldings(incarnation);
    }
    for (const incarnation of back) {
      for (const id of incarnation.holdings?.entries.keys() ?? [])
        this.orphans.delete(orphanKey(incarnation, id));
      this.#awaitHoldings(incarnation);
      this.#announce(incarnation);
    }
    const wait = this.host.peerTimeout / 2;
    for (const [incarnation, since] of this.#returning) {
      if (this.host.now() - since < wait) continue;
      this.#returning.delete(incarnation);
      this.#revived.delete(incarnation);
      for (const [id, entry] of incarnation.holdings?.entries ?? [])
        if (!incarnation.lost || lapseTime(incarnation, entry) > this.host.now() + wait)
          this.view.setLapsed(incarnation.runId, id, false);
    }
    for (const incarnation of [...this.host.membership.all()]) {
      if (incarnation.lost && !this.host.stale && this.#isOver(incarnation)) this.#forget(incarnation);
    }
  }

  /** Lapses the orphans whose time is over; none while this daemon may be the one that is cut off. */
  lapse(): void {
    if (this.host.stale) return;
    for (const key of this.orphans.takeDue(this.host.now())) {
      const [runId, id] = key.split(' ') as [string, string];
      this.view.setLapsed(runId, id, true);
    }
  }

  /**
   * A release is about to change. Orphans of this id that it keeps offline and whose time is over lapse first, also while this
   * daemon is cut off, since nobody who asks it misses them: without the release they would come online once more.
   */
  #lapseReleased(id: string): void {
    for (const { holder, entry } of this.view.copies(id)) {
      const incarnation = this.host.membership.get(holder);
      const isOver = incarnation?.lost === true && lapseTime(incarnation, entry) <= this.host.now();
      if (isOver && this.view.isReleased(entry.life)) this.view.setLapsed(holder, id, true);
    }
  }

  #setEntry(incarnation: Incarnation, id: string, entry: Entry | undefined): void {
    this.orphans.delete(orphanKey(incarnation, id));
    incarnation.longestTtl = Math.max(incarnation.longestTtl, entry?.ttl ?? 0);
    const lapsesAt = entry && incarnation.lost ? lapseTime(incarnation, entry) : Infinity;
    const lapsed = (lapsesAt <= this.host.now() && !this.host.stale) || this.#revived.has(incarnation);
    this.view.set(incarnation.runId, id, entry, lapsed);
    if (!lapsed && lapsesAt !== Infinity) this.orphans.set(orphanKey(incarnation, id), lapsesAt);
  }

  /** What has lapsed of an incarnation may count again when what it holds by now can have arrived. */
  #awaitHoldings(incarnation: Incarnation): void {
    if (!this.#returning.has(incarnation)) this.#returning.set(incarnation, this.host.now());
  }

  /** A lost incarnation's entries are orphans from the time of the loss. What has lapsed already stays so for now. */
  #adopt(incarnation: Incarnation): void {
    const now = this.host.now();
    for (const [id, entry] of incarnation.holdings?.entries ?? []) {
      const key = orphanKey(incarnation, id);
      const lapsesAt = lapseTime(incarnation, entry);
      this.orphans.delete(key);
      if (lapsesAt > now || this.host.stale) this.orphans.set(key, lapsesAt);
      else this.view.setLapsed(incarnation.runId, id, true);
    }
  }

  /** Whether nothing in a lost incarnation can matter any more: its entries have lapsed, its releases have done their work. */
  #isOver(incarnation: Incarnation): boolean {
    const { lostAt, longestTtl, metAt, published, holdings } = incarnation;
    const now = this.host.now();
    return (
      now >= lostAt + Math.max(this.host.ttl, longestTtl) + this.host.peerTimeout + releaseGrace &&
      (published || now >= metAt + hearsayFor) &&
      // What lapses only now is told as lapsed first.
      [...(holdings?.entries.keys() ?? [])].every(
        (id) => this.orphans.get(orphanKey(incarnation, id)) === undefined,
      )
    );
  }

  #forget(incarnation: Incarnation): void {
    for (const id of incarnation.holdings?.entries.keys() ?? []) this.#setEntry(incarnation, id, undefined);
    for (const id of incarnation.holdings?.released.keys() ?? []) {
      this.#lapseReleased(id);
      this.view.setReleased(incarnation.runId, id, []);
    }
    for (const id of incarnation.holdings?.decided.keys() ?? [])
      this.view.setDecided(incarnation.runId, id, undefined);
    this.#returning.delete(incarnation);
    this.#revived.delete(incarnation);
    this.host.membership.forget(incarnation);
    this.host.documents.drop(incarnation);
  }

  /** A daemon is online: it stands in the view as a registration of its own, without entry or lease. */
  #announce(incarnation: Incarnation): void {
    const owner = incarnation.holdings?.owner;
    if (!owner) return;
    const before = this.#announced.get(incarnation);
    const id = daemonId(owner);
    if (before && before.id !== id) this.view.set(incarnation.runId, before.id, undefined);
    this.view.set(incarnation.runId, id, daemonEntry(owner, this.host.ttl));
    this.#announced.set(incarnation, { owner, id });
    if (!before) this.host.emit({ type: 'daemon-online', daemon: identityOf(owner) });
  }

  #withdraw(incarnation: Incarnation): void {
    const announced = this.#announced.get(incarnation);
    if (!announced) return;
    this.#announced.delete(incarnation);
    const why = incarnation.left ? 'deregistered' : 'daemon-lost';
    this.view.set(incarnation.runId, announced.id, undefined, false, why);
    this.host.emit({ type: 'daemon-offline', daemon: identityOf(announced.owner) });
  }
}

const orphanKey = ({ runId }: Incarnation, id: string): string => `${runId} ${id}`;

const lapseTime = ({ lostAt }: Incarnation, { ttl }: Entry): number => lostAt + ttl + orphanGrace;

export const identityOf = ({ name, url, generation, runId, version }: Owner): DaemonEvent['daemon'] => ({
  name,
  url,
  generation,
  runId,
  version,
});

function daemonId({ url, version }: Owner): RegistrationId {
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return formatId({
    app: daemonApp,
    version,
    host,
    port: Number(port) || (protocol === 'https:' ? 443 : 80),
  });
}

const daemonEntry = ({ runId, generation, name, started }: Owner, ttl: number): Entry => ({
  life: runId,
  rev: generation,
  ttl,
  meta: { name },
  registered: started,
});
