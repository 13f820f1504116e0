/**
 * The entries that this daemon holds, each with its lease: written to its holdings and to its view alike. Each has a
 * lease, and none outlives it.
 */

import type { LeaseTime } from '../../../crdt/clocks.js';
import { type Entry, withDecision } from '../../../crdt/entry.js';
import type { RunId } from '../../../crdt/ids.js';
import type { OwnHoldings } from '../../../crdt/own-holdings.js';
import type { View } from '../../../crdt/view.js';
import type { RegistrationId } from '../../../model/registration.js';
import type { EntryChange } from '../replication/frame.js';
import { Deadlines } from './deadlines.js';
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
    private readonly runId: RunId,
    private readonly now: () => LeaseTime,
  ) {}

  get(id: RegistrationId): Entry | undefined {
    return this.own.entries.get(id);
  }

  /** When a lease ends next, or an update is due that waits; undefined if there is none. */
  next(): LeaseTime | undefined {
    const [lease, update] = [this.#leases.next(), this.#throttle.next()];
    return lease === undefined || update === undefined ? (lease ?? update) : Math.min(lease, update);
  }

  /** Its lease begins anew: the hot path, which changes nothing but a deadline. */
  renew(id: RegistrationId, { ttl }: Entry): void {
    this.#leases.set(id, this.now() + ttl);
  }

  /** When its lease began (lease-clock ms). */
  renewedAt(id: RegistrationId): LeaseTime {
    return this.#leases.get(id)! - this.get(id)!.ttl;
  }

  /** `entry` as it will be when the updates that wait are written. */
  expected(id: RegistrationId, entry: Entry): Entry {
    const pending = this.#throttle.pending(id);
    return pending ? { ...entry, ...pending } : entry;
  }

  /** The entry of the same life with the highest rev that is known, and the latest decision. */
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

  /** Another holder has written this value. The lease goes on, unless the new TTL ends it sooner. */
  follow(id: RegistrationId, entry: Entry, isNewer: boolean): void {
    // What waits here is older than what another holder has written since.
    if (isNewer) this.#throttle.forget(id);
    this.#leases.set(id, Math.min(this.#leases.get(id)!, this.now() + entry.ttl));
    this.#write(id, entry);
  }

  /** Writes what is different, or has it wait if the entry was written often of late. */
  change(id: RegistrationId, held: Entry, change: EntryChange): void {
    const real = differenceTo(held, { ...this.#throttle.pending(id), ...change });
    this.#throttle.forget(id);
    const now = this.now();
    if (!real || !this.#throttle.admit(id, real, now)) return;
    this.#write(id, { ...held, ...real, rev: this.view.nextRev(id) });
    if (real.ttl !== undefined) this.#leases.set(id, now + real.ttl);
  }

  /** Ends the leases that were not renewed in time, and writes the updates that have waited long enough. */
  expire(): void {
    const now = this.now();
    for (const id of this.#leases.takeDue(now)) this.drop(id);
    for (const [id, change] of this.#throttle.takeDue(now)) this.#changeHeld(id, change);
  }

  /** Writes the updates that wait now: there will be no later. */
  writePending(): void {
    for (const [id, change] of this.#throttle.takeAll()) this.#changeHeld(id, change);
  }

  /** Ends entries with a TTL of at most `longestTtlMs` whose lease was not renewed from `since` (lease-clock ms) on. */
  endLapsed(since: LeaseTime, longestTtlMs: number): void {
    for (const [id, { ttl }] of [...this.own.entries])
      if (ttl <= longestTtlMs && this.#leases.get(id)! < since + ttl) this.drop(id);
  }

  /** Forgets what makes no difference any more. */
  tidy(): void {
    this.#throttle.tidy(this.now());
  }

  /** Writes an update that has waited, unless its entry is gone meanwhile. */
  #changeHeld(id: RegistrationId, change: EntryChange): void {
    const held = this.get(id);
    if (held) this.change(id, held, change);
  }

  #write(id: RegistrationId, entry: Entry | undefined): void {
    // What waits was meant for the life that was here.
    if (entry?.life !== this.get(id)?.life) this.#throttle.forget(id);
    this.own.setEntry(id, entry);
    this.view.set(this.runId, id, entry);
  }
}
