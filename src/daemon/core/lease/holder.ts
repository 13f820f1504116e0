/**
 * What this daemon holds: its entries, the leases on them, and its releases. Here it is decided what a
 * registration, a renewal or a delete means (docs/architecture.md).
 *
 * A lease is this daemon's promise that an entry is alive until a deadline; it is never replicated. Only
 * transitions touch the document: coming online, going offline, a change of value.
 */

import type { LeaseTime } from '../../../crdt/clocks.js';
import {
  type Decision,
  type Entry,
  isDraining,
  noMeta,
  sameEntry,
  sameValue,
  withDecision,
} from '../../../crdt/entry.js';
import type { Decided } from '../../../crdt/holdings.js';
import type { RunId, LifeId } from '../../../crdt/ids.js';
import type { OwnHoldings } from '../../../crdt/own-holdings.js';
import type { Copy, View } from '../../../crdt/view.js';
import { limits } from '../../../model/limits.js';
import type { RegistrationOptions, RegistrationState, RegistrationId } from '../../../model/registration.js';
import type { Membership } from '../membership/membership.js';
import type { EntryChange, ForwardedRenewal } from '../replication/frame.js';
import type { Runtime } from '../runtime.js';
import type { Touched } from '../view/remote-holdings.js';
import { Contests } from './contests.js';
import { changeOf, differenceTo, isOf } from './entry-change.js';
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
  readonly defaultTtlMs: number;
  readonly peerTimeoutMs: number;
  /** Lease-clock ms. */
  readonly now: () => LeaseTime;
}

export class Holder {
  readonly entries: OwnEntries;
  readonly #releases: Releases;
  readonly #decisions: KeptDecisions;
  readonly #contests: Contests;

  /** @param runId  of the incarnation that holds */
  constructor(
    private readonly context: HolderContext,
    runId: RunId,
    readonly own: OwnHoldings,
  ) {
    const { view, membership, peerTimeoutMs } = context;
    this.entries = new OwnEntries(own, view, runId, context.now);
    this.#releases = new Releases(own, view, runId, peerTimeoutMs);
    this.#decisions = new KeptDecisions(own, view, membership, runId);
    this.#contests = new Contests(own, view);
  }

  /** Registers, renews or updates, whichever it is. Returns the entry as it will be. */
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
    // Another daemon that holds it may be about to write something else: it is told all, and finds the difference.
    this.#keepAlive(id, winner, this.own.entries.has(id) ? change : changeOf(options), change !== undefined);
    return change ? { outcome: 'updated', entry: { ...expected, ...change } } : { outcome: 'renewed', entry: expected };
  }

  /** Renews what is held here: the hot path, which changes nothing but a deadline. False if it is not held here. */
  renewHeld(id: RegistrationId, instance?: string): boolean {
    const held = this.entries.get(id);
    if (!held || !isOf(held, instance)) return false;
    this.entries.renew(id, held);
    return true;
  }

  /** Renews a registration, whichever daemon holds it. Returns false if there is none, or another instance's. */
  renew(id: RegistrationId, instance?: string): boolean {
    if (this.renewHeld(id, instance)) return true;
    const winner = this.context.view.winner(id);
    if (!winner || !isOf(winner.entry, instance)) return false;
    this.#keepAlive(id, winner);
    return true;
  }

  /**
   * Decides about something online, wherever it is held. Written at once, whatever was updated a moment ago:
   * beside the entries, where it counts already, for those who hold them to take in. No sign of life. Answers
   * the entry as it is now; undefined where it is not online.
   */
  decide(id: RegistrationId, { draining, reason }: RegistrationState): Entry | undefined {
    const entry = this.context.view.winner(id)?.entry;
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

  /** Keeps a decision for those who hold the entry. */
  keepDecided(id: RegistrationId, decided: Decided): void {
    this.#decisions.keep(id, decided, this.context.now());
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

  /** No holder has acknowledged these: hold them here, unless they were released or replaced meanwhile. */
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

  /** Has own entries follow what changed elsewhere. */
  follow({ ids, decisionsOfLost }: Touched): void {
    for (const [id, decided] of decisionsOfLost) this.#decisions.inherit(id, decided, this.context.now());
    for (const [id, ended] of ids) this.reconcile(id, ended);
  }

  /**
   * Looks at an id after something about it changed elsewhere: what was released is dropped, and of what is
   * held here and elsewhere the winning value is copied.
   * @param ended  lives that were released since the last look, whether or not the release is still there
   */
  reconcile(id: RegistrationId, ended?: ReadonlySet<LifeId>): void {
    this.#contests.see(id, this.context.now());
    const held = this.entries.get(id);
    if (!held) return;
    const { view } = this.context;
    if (view.isReleased(held.life) || ended?.has(held.life)) {
      // Said here too, so that whoever hears of the drop before the release knows why.
      if (!this.#releases.has(id, held.life)) {
        const why = view.isReplaced(held.life) ? 'replaced' : 'deregistered';
        this.#releases.write(id, [held], why, this.context.now());
      }
      // What has followed it is said with that: others may hear of the release before they hear of its successor.
      if (!view.winner(id)) return this.entries.drop(id);
    }
    const entry = view.winner(id)?.entry;
    if (!entry || sameEntry(entry, held)) return;
    this.entries.follow(id, entry, entry.rev > held.rev && !sameValue(entry, held));
  }

  /**
   * Forgets what has served its time: releases of which no copy can be about, decisions, and when ids were updated.
   * @param confirmed  a time, if everyone is known now to have what was written here before it
   */
  tidy(confirmed?: number): void {
    const now = this.context.now();
    this.#contests.settle(
      (id) => this.entries.renewedAt(id),
      (id) => this.release(id, this.context.view.copies(id), 'replaced'),
    );
    this.#decisions.tidy(now);
    this.entries.tidy();
    this.#releases.tidy(now, confirmed);
  }

  /** The name of the daemon that holds an entry. */
  #holderOf(id: RegistrationId): string | undefined {
    const { view, membership } = this.context;
    const winner = view.winner(id);
    return winner && membership.get(winner.holder)?.holdings?.owner?.name;
  }

  /** A new life. An address is one instance of one version of an app: others that are registered there end. */
  #begin(
    id: RegistrationId,
    { ttl = this.context.defaultTtlMs, meta = noMeta, instance, unhealthy }: RegistrationOptions,
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
    };
    for (const one of replaced) this.release(one, view.copies(one), 'replaced');
    this.entries.hold(id, entry);
    return entry;
  }

  /**
   * A sign of life for what is online: for the lease here, for the holder elsewhere, or for an orphan that is held here
   * from now on.
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
