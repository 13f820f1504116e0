/**
 * What this daemon holds: its entries, the leases on them, and its releases. Here it is decided what a
 * registration, a renewal or a delete means (docs/architecture.md).
 *
 * A lease is this daemon's promise that an entry is alive until a deadline; it is never replicated. Only
 * transitions touch the document: coming online, going offline, a change of value.
 */

import {
  type Decision,
  type Entry,
  isDraining,
  noMeta,
  sameEntry,
  sameMeta,
  sameValue,
  withDecision,
} from '../../../crdt/entry.js';
import type { Decided } from '../../../crdt/holdings.js';
import type { OwnHoldings } from '../../../crdt/own-holdings.js';
import { type Copy, type View } from '../../../crdt/view.js';
import { limits } from '../../../model/limits.js';
import type { RegistrationOptions, RegistrationState } from '../../../model/registration.js';
import { Deadlines } from './deadlines.js';
import type { Forwarded, Forwarder } from './forwarder.js';
import type { EntryChange, ForwardedRenewal } from '../replication/frame.js';
import type { Membership } from '../membership/membership.js';
import { releaseGrace, type Touched } from '../view/remote-holdings.js';
import type { Runtime } from '../runtime.js';

/** In the long run, one update per id is written in this many ms, so that two owners of one id cannot write at every renewal. */
const updateEvery = 1000;

/** Updates of an id that are written at once after a while without any. What waits is lost with a daemon that crashes. */
export const updateBurst = 5;

/**
 * ms for which a decision is kept beside the entries: whoever holds one may be cut off, and bring it back as it was when the
 * network has healed.
 */
const rememberFor = 10 * 60_000;

/** Releases that are forgotten at a time: each is a write, which everyone has to take in. */
const releasesPerTick = 1000;

export interface HolderHost {
  readonly runtime: Pick<Runtime, 'wallNow' | 'randomId'>;
  readonly runId: string;
  readonly view: View;
  readonly membership: Membership;
  readonly forwarder: Forwarder;
  readonly ttl: number;
  readonly peerTimeout: number;
  /** Lease-clock ms. */
  readonly now: () => number;
}

export class Holder {
  readonly leases = new Deadlines();
  /** By id, until when its updates so far would have lasted, had one been written each second. */
  readonly #updatesLast = new Map<string, number>();
  /** Updates that wait for that time. */
  readonly pending = new Deadlines();
  readonly #pendingChanges = new Map<string, EntryChange>();
  /** When each release was written. */
  readonly #releasedAt = new Map<string, number>();
  /** Entries held here at whose address another version is registered, and since when that is known. */
  readonly #contestedSince = new Map<string, number>();
  /** Of releases that everyone has: since when no copy of what they end is known here. */
  readonly #clearSince = new Map<string, number>();
  /** What was written here before this time, everyone has (see Confirmation). */
  #confirmed = -Infinity;
  /** When each decision was made that is kept. */
  readonly #decidedAt = new Map<string, number>();

  constructor(
    private readonly host: HolderHost,
    readonly own: OwnHoldings,
  ) {}

  /** Registers, renews or updates, whichever it is. Answers the entry as it will be. */
  register(
    id: string,
    options: RegistrationOptions,
  ): { outcome: 'registered' | 'renewed' | 'updated'; entry: Entry } {
    const winner = this.host.view.winner(id);
    if (!winner) return { outcome: 'registered', entry: this.#begin(id, options) };
    const { entry } = winner;
    if (!isOf(entry, options.instance)) return { outcome: 'registered', entry: this.#begin(id, options) };
    const expected = this.#expected(id, entry);
    const change = differenceTo(expected, options);
    // Another daemon that holds it may be about to write something else: it is told all, and finds the difference.
    this.#keepAlive(id, winner, this.own.entries.has(id) ? change : changeOf(options), change !== undefined);
    return change
      ? { outcome: 'updated', entry: { ...expected, ...change } }
      : { outcome: 'renewed', entry: expected };
  }

  /** Renews what is held here: the hot path, which changes nothing but a deadline. False if it is not held here. */
  renewHeld(id: string, instance?: string): boolean {
    const held = this.own.entries.get(id);
    if (!held || !isOf(held, instance)) return false;
    this.leases.set(id, this.host.now() + held.ttl);
    return true;
  }

  /** Renews what is registered, whoever holds it. False if it is not, or only with another instance. */
  renew(id: string, instance?: string): boolean {
    if (this.renewHeld(id, instance)) return true;
    const winner = this.host.view.winner(id);
    if (!winner || !isOf(winner.entry, instance)) return false;
    this.#keepAlive(id, winner);
    return true;
  }

  /**
   * Decides about something online, wherever it is held. Written at once, whatever was updated a moment ago:
   * beside the entries, where it counts already, for those who hold them to take in. No sign of life. Answers
   * the entry as it is now; undefined where it is not online.
   */
  decide(id: string, { draining, reason }: RegistrationState): Entry | undefined {
    const entry = this.host.view.winner(id)?.entry;
    if (!entry) return undefined;
    const before = entry.decision;
    const isSo = draining === isDraining(entry);
    if (isSo && (!draining || reason === undefined || reason === before?.reason)) return entry;
    const turn = Math.min((before?.turn ?? 0) + 1, limits.rev);
    const decision: Decision = { turn, draining, ...(reason && { reason }) };
    this.keepDecided(id, { life: entry.life, decision });
    this.reconcile(id);
    return withDecision(entry, decision);
  }

  /** Keeps a decision for those who hold the entry, or (undefined) no more. */
  keepDecided(id: string, decided: Decided | undefined): void {
    if (decided) this.#decidedAt.set(id, this.host.now());
    else this.#decidedAt.delete(id);
    this.own.setDecided(id, decided);
    this.host.view.setDecided(this.host.runId, id, decided);
  }

  /**
   * Keeps what a daemon that is lost had decided, unless a live holder has taken it in: daemons that were cut off from that one
   * forget it, and would never hear of the decision.
   */
  inheritDecided(id: string, decided: Decided): void {
    const { life, decision } = decided;
    const { view, membership, runId } = this.host;
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
    if (!isTakenIn) this.keepDecided(id, decided);
  }

  /** Takes renewals that another daemon has forwarded. Answers the indices of those that are not held here. */
  acceptForwarded(renewals: readonly ForwardedRenewal[]): number[] {
    const refused: number[] = [];
    renewals.forEach(([id, life, rev, change], index) => {
      const held = this.own.entries.get(id);
      if (!held || held.life !== life || held.rev < rev) {
        refused.push(index);
        return;
      }
      this.leases.set(id, this.host.now() + held.ttl);
      if (change) this.#change(id, held, change);
    });
    return refused;
  }

  /** No holder has acknowledged these: hold them here, unless they were released or replaced meanwhile. */
  takeOver(unheld: readonly Forwarded[]): void {
    for (const { id, entry, change } of unheld) {
      const held = this.own.entries.get(id);
      if (held?.life === entry.life) this.leases.set(id, this.host.now() + held.ttl);
      else if (!held && !this.host.view.isReleased(entry.life)) {
        this.#hold(id, this.#latest(id, entry));
        this.reconcile(id);
      }
      const now = this.own.entries.get(id);
      if (change && now?.life === entry.life) this.#change(id, now, change);
    }
  }

  /** Writes that these lives are released, and drops what is held of them. */
  release(id: string, copies: readonly Copy[], why: 'deregistered' | 'replaced' = 'deregistered'): void {
    this.#writeRelease(
      id,
      copies.map(({ entry }) => entry),
      why,
    );
    this.reconcile(id);
  }

  /** Has own entries follow what changed elsewhere. */
  follow({ ids, decisionsOfLost }: Touched): void {
    for (const [id, decided] of decisionsOfLost) this.inheritDecided(id, decided);
    for (const [id, ended] of ids) this.reconcile(id, ended);
  }

  /**
   * Looks at an id after something about it changed elsewhere: what was released is dropped, and of what is
   * held here and elsewhere the winning value is copied.
   * @param ended  lives that were released since the last look, whether or not the release is still there
   */
  reconcile(id: string, ended?: ReadonlySet<string>): void {
    this.#contest(id);
    const held = this.own.entries.get(id);
    if (!held) return;
    const { view } = this.host;
    if (view.isReleased(held.life) || ended?.has(held.life)) {
      // Said here too, so that whoever hears of the drop before the release knows why.
      if (this.own.released.get(id)?.lives.includes(held.life) !== true)
        this.#writeRelease(id, [held], view.isReplaced(held.life) ? 'replaced' : 'deregistered');
      // What has followed it is said with that: others may hear of the release before they hear of its successor.
      if (!view.winner(id)) return this.#drop(id);
    }
    const entry = view.winner(id)?.entry;
    if (!entry || sameEntry(entry, held)) return;
    // What waits here is older than what another holder has written since.
    if (entry.rev > held.rev && !sameValue(entry, held)) this.#forgetPending(id);
    // The lease goes on, unless the new TTL ends it sooner.
    this.leases.set(id, Math.min(this.leases.get(id)!, this.host.now() + entry.ttl));
    this.#write(id, entry);
  }

  /**
   * Ends what lapsed at others while this daemon could not be heard: entries with a TTL of at most `longestTtl` whose
   * lease was not renewed from `since` (lease-clock ms) on.
   */
  endLapsed(since: number, longestTtl: number): void {
    for (const [id, { ttl }] of [...this.own.entries])
      if (ttl <= longestTtl && this.leases.get(id)! < since + ttl) this.#drop(id);
  }

  /** Ends the leases that were not renewed in time, writes the updates that waited, clears old releases. */
  expire(): void {
    const now = this.host.now();
    for (const id of this.leases.takeDue(now)) this.#drop(id);
    for (const id of this.pending.takeDue(now)) {
      const change = this.#pendingChanges.get(id);
      const held = this.own.entries.get(id);
      this.#pendingChanges.delete(id);
      if (held && change) this.#change(id, held, change);
    }
  }

  /** Writes the updates that wait now: there will be no later. */
  writePending(): void {
    for (const [id, change] of [...this.#pendingChanges]) {
      const held = this.own.entries.get(id);
      this.#updatesLast.delete(id);
      if (held) this.#change(id, held, change);
    }
  }

  /**
   * Forgets what has served its time: releases of which no copy can be about, decisions, and when ids were updated.
   * @param confirmed  a time, if everyone is known now to have what was written here before it
   */
  tidy(confirmed = this.#confirmed): void {
    this.#confirmed = confirmed;
    const now = this.host.now();
    this.#settleContests();
    for (const [id, at] of this.#decidedAt) {
      const isOver = now - at >= rememberFor || this.host.view.isReleased(this.own.decided.get(id)!.life);
      if (isOver) this.keepDecided(id, undefined);
    }
    for (const [id, until] of this.#updatesLast) if (until <= now) this.#updatesLast.delete(id);
    let room = releasesPerTick;
    for (const [id, at] of this.#releasedAt) {
      if (room === 0) break;
      if (!this.#isOver(id, at)) continue;
      room--;
      this.#releasedAt.delete(id);
      this.#clearSince.delete(id);
      this.own.setReleased(id, undefined);
      this.host.view.setReleased(this.host.runId, id, []);
    }
  }

  /**
   * Whether nobody can bring back what was released: either no copy can be about by its TTL, or everyone knows of the release, and
   * after that everyone has every document as it was when no copy was seen here any more.
   */
  #isOver(id: string, at: number): boolean {
    const now = this.host.now();
    const { lives, ttl } = this.own.released.get(id)!;
    const isLate = now - at >= ttl + this.host.peerTimeout + releaseGrace;
    const isKnown = this.#clearSince.has(id) || at < this.#confirmed;
    if (!isLate && !isKnown) return false;
    if (this.host.view.copies(id).some(({ entry }) => lives.includes(entry.life))) {
      this.#clearSince.delete(id);
      return false;
    }
    if (isLate) return true;
    const clearSince = this.#clearSince.get(id) ?? now;
    this.#clearSince.set(id, clearSince);
    return clearSince < this.#confirmed;
  }

  /** A new life. An address is one instance of one version of an app: others that are registered there end. */
  #begin(
    id: string,
    { ttl = this.host.ttl, meta = noMeta, instance, unhealthy }: RegistrationOptions,
  ): Entry {
    const { view } = this.host;
    const replaced = [...(view.winner(id) ? [id] : []), ...view.siblings(id)];
    const entry: Entry = {
      life: this.host.runtime.randomId(),
      rev: Math.max(...[id, ...replaced].map((one) => view.nextRev(one))),
      ttl,
      meta,
      registered: this.host.runtime.wallNow(),
      ...(instance === undefined ? {} : { instance }),
      ...(unhealthy ? { unhealthy } : {}),
    };
    for (const one of replaced) this.release(one, view.copies(one), 'replaced');
    this.#hold(id, entry);
    return entry;
  }

  /**
   * Two versions were registered at one address by daemons that did not hear each other. One of them is usually gone,
   * and expires. If the one with the higher rev (then id) is renewed from now on, its holder ends the other one.
   */
  #contest(id: string): void {
    const isFirst = this.own.entries.has(id) && this.#lesserSiblings(id).length > 0;
    if (isFirst && !this.#contestedSince.has(id)) this.#contestedSince.set(id, this.host.now());
    for (const sibling of this.host.view.siblings(id))
      if (this.own.entries.has(sibling) && !this.#contestedSince.has(sibling))
        this.#contestedSince.set(sibling, this.host.now());
  }

  #settleContests(): void {
    for (const [id, since] of this.#contestedSince) {
      const held = this.own.entries.get(id);
      const lesser = held ? this.#lesserSiblings(id) : [];
      if (!held || lesser.length === 0) this.#contestedSince.delete(id);
      else if (this.leases.get(id)! - held.ttl > since)
        for (const sibling of lesser) this.release(sibling, this.host.view.copies(sibling), 'replaced');
    }
  }

  /** Other versions at the address of `id`, if they come after it. */
  #lesserSiblings(id: string): string[] {
    const { view } = this.host;
    const rev = view.winner(id)?.entry.rev ?? 0;
    return view.siblings(id).filter((sibling) => {
      const other = view.winner(sibling)!.entry.rev;
      return other < rev || (other === rev && sibling < id);
    });
  }

  /** A sign of life for what is online: for the lease here, for the holder elsewhere, or for an orphan that is held here from now on. */
  #keepAlive(id: string, { holder, entry }: Copy, change?: EntryChange, isUpdate = false): void {
    const held = this.own.entries.get(id);
    const elsewhere = this.host.membership.get(holder);
    if (held) {
      this.leases.set(id, this.host.now() + held.ttl);
      if (change) this.#change(id, held, change);
    } else if (elsewhere && !elsewhere.lost) {
      this.host.forwarder.forward(elsewhere.holdings!.owner!.url, { id, entry, change, isUpdate });
    } else {
      this.takeOver([{ id, entry, change }]);
    }
  }

  /** The entry of the same life with the highest rev that is known, and the latest decision. */
  #latest(id: string, entry: Entry): Entry {
    const latest = this.host.view
      .copies(id)
      .reduce(
        (best, { entry: other }) => (other.life === best.life && other.rev > best.rev ? other : best),
        entry,
      );
    return withDecision(latest, this.host.view.decision(id, entry.life));
  }

  /** `entry` as it will be when the updates that wait are written. */
  #expected(id: string, entry: Entry): Entry {
    const pending = this.#pendingChanges.get(id);
    return pending ? { ...entry, ...pending } : entry;
  }

  #change(id: string, held: Entry, change: EntryChange): void {
    const real = differenceTo(held, { ...this.#pendingChanges.get(id), ...change });
    this.#forgetPending(id);
    if (!real) return;
    const now = this.host.now();
    const lasts = Math.max(now, this.#updatesLast.get(id) ?? now);
    const mayWriteAt = lasts - (updateBurst - 1) * updateEvery;
    // What has become unhealthy or healthy is to be offline or online at once.
    if (real.unhealthy === undefined && mayWriteAt > now) {
      this.#pendingChanges.set(id, real);
      this.pending.set(id, mayWriteAt);
      return;
    }
    this.#updatesLast.set(id, lasts + updateEvery);
    this.#write(id, { ...held, ...real, rev: this.host.view.nextRev(id) });
    if (real.ttl !== undefined) this.leases.set(id, now + real.ttl);
  }

  #writeRelease(id: string, entries: readonly Entry[], why: 'deregistered' | 'replaced'): void {
    const before = this.own.released.get(id);
    const ended = entries.map(({ life }) => life);
    const lives = [...new Set([...(before?.lives ?? []), ...ended])].slice(-limits.lives);
    const ttl = Math.max(before?.ttl ?? 0, ...entries.map((entry) => entry.ttl));
    const replaced = [...(before?.replaced ?? []), ...(why === 'replaced' ? ended : [])].filter((life) =>
      lives.includes(life),
    );
    this.own.setReleased(id, { lives, ttl, ...(replaced.length > 0 && { replaced }) });
    this.#releasedAt.set(id, this.host.now());
    this.#clearSince.delete(id);
    this.host.view.setReleased(this.host.runId, id, lives, replaced);
  }

  #hold(id: string, entry: Entry): void {
    this.leases.set(id, this.host.now() + entry.ttl);
    this.#write(id, entry);
  }

  #drop(id: string): void {
    this.leases.delete(id);
    this.#write(id, undefined);
  }

  #forgetPending(id: string): void {
    this.pending.delete(id);
    this.#pendingChanges.delete(id);
  }

  #write(id: string, entry: Entry | undefined): void {
    // What waits was meant for the life that was here.
    if (entry?.life !== this.own.entries.get(id)?.life) this.#forgetPending(id);
    this.own.setEntry(id, entry);
    this.host.view.set(this.host.runId, id, entry);
  }
}

/** What `wanted` says of the value; undefined where it says nothing. */
function changeOf({ ttl, meta, unhealthy }: RegistrationOptions): EntryChange | undefined {
  if (ttl === undefined && meta === undefined && unhealthy === undefined) return undefined;
  return {
    ...(ttl !== undefined && { ttl }),
    ...(meta && { meta }),
    ...(unhealthy !== undefined && { unhealthy: unhealthy ?? '' }),
  };
}

/** What of `wanted` is not so already; undefined where all of it is. Absent fields keep their value. */
const differenceTo = (entry: Entry, { ttl, meta, unhealthy }: RegistrationOptions): EntryChange | undefined =>
  changeOf({
    ...(ttl !== undefined && ttl !== entry.ttl && { ttl }),
    ...(meta && !sameMeta(meta, entry.meta) && { meta }),
    ...(unhealthy !== undefined && (unhealthy ?? '') !== (entry.unhealthy ?? '') && { unhealthy }),
  });

/** Whether the entry is of this start of the service; any is, if none is named. */
const isOf = (entry: Entry, instance: string | undefined): boolean =>
  instance === undefined || instance === entry.instance;
