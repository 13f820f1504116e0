/**
 * The entries that this daemon holds, written both to its holdings and to its view. Each has a lease, and none outlives
 * it.
 */

import type { LeaseTime } from '../../../crdt/clocks.js';
import { type Entry, sameEntry, withDecision } from '../../../crdt/entry.js';
import type { RunId } from '../../../crdt/ids.js';
import type { OwnHoldings } from '../../../crdt/own-holdings.js';
import type { View } from '../../../crdt/view.js';
import type { RegistrationId } from '../../../model/registration.js';
import type { EntryChange } from '../replication/frame.js';
import { Deadlines } from './deadlines.js';
import type { DrainEnds } from './drain-ends.js';
import { differenceTo } from './entry-change.js';
import { UpdateThrottle } from './update-throttle.js';

export class OwnEntries {
  readonly #leases = new Deadlines<RegistrationId>();
  readonly #throttle = new UpdateThrottle();

  /**
   * @param runId  of the incarnation that holds them
   * @param now  lease-clock ms
   */
  constructor(
    private readonly own: OwnHoldings,
    private readonly view: View,
    private readonly ends: Pick<DrainEnds, 'stamped'>,
    private readonly runId: RunId,
    private readonly now: () => LeaseTime,
  ) {}

  get(id: RegistrationId): Entry | undefined {
    return this.own.entries.get(id);
  }

  /** When the next lease ends or the next pending update is due; undefined if there is neither. */
  next(): LeaseTime | undefined {
    const [lease, update] = [this.#leases.next(), this.#throttle.next()];
    return lease === undefined || update === undefined ? (lease ?? update) : Math.min(lease, update);
  }

  /** Renews a lease. This is the hot path: it only moves a deadline. */
  renew(id: RegistrationId, { ttl }: Entry): void {
    this.#leases.set(id, this.now() + ttl);
  }

  /** When its lease began (lease-clock ms). */
  renewedAt(id: RegistrationId): LeaseTime {
    return this.#leases.get(id)! - this.get(id)!.ttl;
  }

  /** `entry` as it will be when the pending updates are written. */
  expected(id: RegistrationId, entry: Entry): Entry {
    const pending = this.#throttle.pending(id);
    return pending ? { ...entry, ...pending } : entry;
  }

  /** The entry of the same life with the highest known rev and the latest decision. */
  latest(id: RegistrationId, entry: Entry): Entry {
    const latest = this.view
      .copies(id)
      .reduce((best, { entry: other }) => (other.life === best.life && other.rev > best.rev ? other : best), entry);
    return withDecision(latest, this.view.decision(id, entry.life));
  }

  hold(id: RegistrationId, entry: Entry): void {
    this.renew(id, entry);
    this.#write(id, entry);
  }

  drop(id: RegistrationId): void {
    this.#leases.delete(id);
    this.#write(id, undefined);
  }

  /** Writes an entry again, with what is left of the time of its drain. */
  handOn(id: RegistrationId): void {
    const held = this.get(id);
    if (held?.decision?.end) this.#write(id, held);
  }

  /** Another holder has written this value. The lease goes on, unless the new TTL ends it sooner. */
  follow(id: RegistrationId, entry: Entry, isNewer: boolean): void {
    // The pending update is older than the value that the other holder has written.
    if (isNewer) this.#throttle.forget(id);
    this.#leases.set(id, Math.min(this.#leases.get(id)!, this.now() + entry.ttl));
    this.#write(id, entry);
  }

  /**
   * Renews it, and writes what its check has found (undefined: it is healthy), with the rev that it has: a healthy copy
   * of another holder wins.
   */
  mark(id: RegistrationId, held: Entry, unhealthy: string | undefined): void {
    this.renew(id, held);
    const entry: Entry = { ...held, unhealthy: unhealthy ?? '' };
    if (!sameEntry(entry, held)) this.#write(id, entry);
  }

  /** Writes what differs, or lets it wait if the entry was written often lately. */
  change(id: RegistrationId, held: Entry, change: EntryChange): void {
    const real = differenceTo(held, { ...this.#throttle.pending(id), ...change });
    this.#throttle.forget(id);
    const now = this.now();
    if (!real || !this.#throttle.admit(id, real, now)) return;
    this.#write(id, { ...held, ...real, rev: this.view.nextRev(id) });
    if (real.ttl !== undefined) this.#leases.set(id, now + real.ttl);
  }

  /** Drops the entries whose lease has ended, and writes the updates that are due. */
  expire(): void {
    const now = this.now();
    for (const id of this.#leases.takeDue(now)) this.drop(id);
    for (const [id, change] of this.#throttle.takeDue(now)) this.#changeHeld(id, change);
  }

  /** Writes all pending updates now, since this daemon stops. */
  writePending(): void {
    for (const [id, change] of this.#throttle.takeAll()) this.#changeHeld(id, change);
  }

  /** Ends entries with a TTL of at most `longestTtlMs` whose lease was not renewed from `since` (lease-clock ms) on. */
  endLapsed(since: LeaseTime, longestTtlMs: number): void {
    for (const [id, { ttl }] of [...this.own.entries])
      if (ttl <= longestTtlMs && this.#leases.get(id)! < since + ttl) this.drop(id);
  }

  /** Forgets updates that no longer count. */
  tidy(): void {
    this.#throttle.tidy(this.now());
  }

  /** Writes an update that has waited, unless its entry is gone by now. */
  #changeHeld(id: RegistrationId, change: EntryChange): void {
    const held = this.get(id);
    if (held) this.change(id, held, change);
  }

  #write(id: RegistrationId, entry: Entry | undefined): void {
    // The pending update was meant for the previous life.
    if (entry?.life !== this.get(id)?.life) this.#throttle.forget(id);
    const stamped = entry && this.ends.stamped(entry);
    this.own.setEntry(id, stamped);
    this.view.set(this.runId, id, stamped);
  }
}
