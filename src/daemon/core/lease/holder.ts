/**
 * What this daemon holds: its entries, the leases on them, and its releases. It decides what a registration, a renewal
 * or a delete means (docs/architecture.md).
 *
 * A lease is this daemon's promise that an entry is alive until a deadline; it is never replicated. Only transitions
 * touch the document: coming online, going offline, a change of value.
 */

import type { LeaseTime } from '../../../crdt/clocks.js';
import { type Entry, noMeta, sameEntry, sameValue } from '../../../crdt/entry.js';
import type { RunId, LifeId } from '../../../crdt/ids.js';
import type { OwnHoldings } from '../../../crdt/own-holdings.js';
import type { Copy, View } from '../../../crdt/view.js';
import type { RegistrationOptions, RegistrationId } from '../../../model/registration.js';
import type { Membership } from '../membership/membership.js';
import type { EntryChange, ForwardedRenewal } from '../replication/frame.js';
import type { Runtime } from '../runtime.js';
import type { Touched } from '../view/remote-holdings.js';
import { Contests } from './contests.js';
import { Decisions } from './decisions.js';
import type { DrainEnds } from './drain-ends.js';
import { changeOf, checkOf, differenceTo, isOf, withOwnHealth } from './entry-change.js';
import type { Forwarded, Forwarder } from './forwarder.js';
import { KeptDecisions } from './kept-decisions.js';
import { OwnEntries } from './own-entries.js';
import { type ReleaseReason, Releases } from './releases.js';
import type { TakeOvers } from './take-overs.js';

export interface HolderContext {
  readonly runtime: Pick<Runtime, 'wallNow' | 'randomId'>;
  readonly view: View;
  readonly membership: Membership;
  readonly forwarder: Pick<Forwarder, 'forward'>;
  readonly takeOvers: Pick<TakeOvers, 'add'>;
  readonly drainEnds: DrainEnds;
  readonly defaultTtlMs: number;
  readonly peerTimeoutMs: number;
  /** Lease-clock ms. */
  readonly now: () => LeaseTime;
}

export class Holder {
  readonly entries: OwnEntries;
  readonly #releases: Releases;
  readonly decisions: Decisions;
  readonly #kept: KeptDecisions;
  readonly #contests: Contests;

  /** @param runId  of the incarnation that holds */
  constructor(
    private readonly context: HolderContext,
    runId: RunId,
    readonly own: OwnHoldings,
  ) {
    const { view, membership, drainEnds, peerTimeoutMs } = context;
    this.entries = new OwnEntries(own, view, drainEnds, runId, context.now);
    this.#releases = new Releases(own, view, runId, peerTimeoutMs);
    this.#kept = new KeptDecisions(own, view, membership, drainEnds, runId);
    this.decisions = new Decisions(context, this.#kept, this.entries, (id) => this.reconcile(id));
    this.#contests = new Contests(own, view);
  }

  /** Registers, renews or updates, depending on what is registered. Returns the entry as it will be. */
  register(
    id: RegistrationId,
    options: RegistrationOptions,
  ): { outcome: 'registered' | 'renewed' | 'updated'; entry: Entry } {
    const winner = this.context.view.winner(id);
    if (!winner) return { outcome: 'registered', entry: this.#begin(id, options) };
    const { entry } = winner;
    if (!isOf(entry, options.instance)) return { outcome: 'registered', entry: this.#begin(id, options) };
    const expected = this.entries.expected(id, entry);
    const change = differenceTo(expected, options);
    // Another holder may be about to write something else: it gets all options, and finds the difference itself.
    this.#keepAlive(id, winner, this.own.entries.has(id) ? change : changeOf(options), change !== undefined);
    return change ? { outcome: 'updated', entry: { ...expected, ...change } } : { outcome: 'renewed', entry: expected };
  }

  /** Renews an entry that is held here. This is the hot path: it only moves a deadline. Returns false if it is not. */
  renewHeld(id: RegistrationId, instance?: string): boolean {
    const held = this.entries.get(id);
    if (!held || !isOf(held, instance)) return false;
    this.entries.renew(id, held);
    return true;
  }

  /** Renews a registration, whichever daemon holds it. Returns false if there is none, or only another instance. */
  renew(id: RegistrationId, instance?: string): boolean {
    if (this.renewHeld(id, instance)) return true;
    const winner = this.context.view.winner(id);
    if (!winner || !isOf(winner.entry, instance)) return false;
    this.#keepAlive(id, winner);
    return true;
  }

  /** When anything here is due; undefined if nothing is. */
  next(): LeaseTime | undefined {
    const times = [this.entries.next(), this.context.drainEnds.next()].filter((at) => at !== undefined);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Ends the leases and the drains that are over, and writes the updates that are due. */
  expire(): void {
    this.entries.expire();
    this.decisions.endDrains();
  }

  /** Writes what others need of what is pending here, since this daemon stops. */
  leave(): void {
    this.entries.writePending();
    this.decisions.handOnDrains();
  }

  /** Takes renewals that another daemon has forwarded. Returns the indices of those that are not held here. */
  acceptForwarded(renewals: readonly ForwardedRenewal[]): number[] {
    const refused: number[] = [];
    renewals.forEach(([id, life, rev, change], index) => {
      const held = this.entries.get(id);
      if (!held || held.life !== life || held.rev < rev) {
        refused.push(index);
        return;
      }
      this.entries.renew(id, held);
      if (change) this.entries.change(id, held, change);
    });
    return refused;
  }

  /** Holds entries here whose renewal no holder has acknowledged, unless they were released or replaced meanwhile. */
  takeOver(unheld: readonly Forwarded[]): void {
    for (const { id, entry, change } of unheld) {
      const held = this.entries.get(id);
      if (held?.life === entry.life) this.entries.renew(id, held);
      else if (!held && !this.context.view.isReleased(entry.life)) {
        this.context.takeOvers.add(this.#holderOf(id));
        this.entries.hold(id, this.entries.latest(id, entry));
        this.reconcile(id);
      }
      const now = this.entries.get(id);
      if (change && now?.life === entry.life) this.entries.change(id, now, change);
    }
  }

  /** Writes that these lives are released, and drops what is held of them. */
  release(id: RegistrationId, copies: readonly Copy[], why: ReleaseReason = 'deregistered'): void {
    const entries = copies.map(({ entry }) => entry);
    this.#releases.write(id, entries, why, this.context.now());
    this.reconcile(id);
  }

  /** Makes own entries follow what changed elsewhere. */
  follow({ ids, decisionsOfLost }: Touched): void {
    for (const [id, decided] of decisionsOfLost) this.#kept.inherit(id, decided, this.context.now());
    for (const [id, ended] of ids) this.reconcile(id, ended);
  }

  /**
   * Follows a change of an id elsewhere: drops the entry if it was released, else copies the winning value.
   * @param ended  lives that were released since the last call, whether or not the release is still there
   */
  reconcile(id: RegistrationId, ended?: ReadonlySet<LifeId>): void {
    this.#contests.see(id, this.context.now());
    const held = this.entries.get(id);
    if (!held) return;
    const { view } = this.context;
    if (view.isReleased(held.life) || ended?.has(held.life)) {
      // Written here too, so that a daemon that hears of the drop before the release knows why.
      if (!this.#releases.has(id, held.life)) {
        const why = view.isReplaced(held.life) ? 'replaced' : 'deregistered';
        this.#releases.write(id, [held], why, this.context.now());
      }
      // With a successor, the drop is written with that: others may hear of the release before the successor.
      if (!view.winner(id)) return this.entries.drop(id);
    }
    const entry = withOwnHealth(view.winner(id)?.entry, held);
    if (!entry || sameEntry(entry, held)) return;
    this.entries.follow(id, entry, entry.rev > held.rev && !sameValue(entry, held));
  }

  /**
   * Drops what is no longer needed: releases of lives that have no copies, decisions, and the times of updates.
   * @param confirmed  a time, if everyone is known now to have what was written here before it
   */
  tidy(confirmed?: number): void {
    const now = this.context.now();
    this.#contests.settle(
      (id) => this.entries.renewedAt(id),
      (id) => this.release(id, this.context.view.copies(id), 'replaced'),
    );
    this.decisions.tidy();
    this.entries.tidy();
    this.#releases.tidy(now, confirmed);
  }

  /** The name of the daemon that holds an entry. */
  #holderOf(id: RegistrationId): string | undefined {
    const { view, membership } = this.context;
    const winner = view.winner(id);
    return winner && membership.get(winner.holder)?.holdings?.owner?.name;
  }

  /** Begins a new life. An address has one instance of one version of an app: others that are registered there end. */
  #begin(
    id: RegistrationId,
    { ttl = this.context.defaultTtlMs, meta = noMeta, instance, unhealthy, check }: RegistrationOptions,
  ): Entry {
    const { view } = this.context;
    const replaced = [...(view.winner(id) ? [id] : []), ...view.knownSiblings(id)];
    const entry: Entry = {
      life: this.context.runtime.randomId() as LifeId,
      rev: Math.max(...[id, ...replaced].map((one) => view.nextRev(one))),
      ttl,
      meta,
      registered: this.context.runtime.wallNow(),
      ...(instance === undefined ? {} : { instance }),
      ...(unhealthy ? { unhealthy } : {}),
      ...checkOf(check),
    };
    for (const one of replaced) this.release(one, view.copies(one), 'replaced');
    this.entries.hold(id, entry);
    return entry;
  }

  /**
   * A sign of life of a registration that is online. Renews the lease here, forwards the renewal to the holder, or
   * takes an orphan over.
   */
  #keepAlive(id: RegistrationId, { holder, entry }: Copy, change?: EntryChange, isUpdate = false): void {
    const held = this.entries.get(id);
    const elsewhere = this.context.membership.get(holder);
    if (held) {
      this.entries.renew(id, held);
      if (change) this.entries.change(id, held, change);
    } else if (elsewhere && !elsewhere.lost) {
      this.context.forwarder.forward(elsewhere.holdings!.owner!.url, { id, entry, change, isUpdate });
    } else {
      this.takeOver([{ id, entry, change }]);
    }
  }
}
