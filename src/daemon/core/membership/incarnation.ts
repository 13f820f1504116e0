/**
 * One life of a daemon, from its start to its end, as far as this daemon has heard of it. Everyone reads its fields;
 * only the methods here write them (test/unit/daemon/core/structure.test.ts checks that).
 */

import type { LeaseTime } from '../../../crdt/clocks.js';
import type { Holdings } from '../../../crdt/holdings.js';
import type { RunId } from '../../../crdt/ids.js';
import { aliveText, type Identity, type Proof } from '../identity.js';
import type { Sign } from '../replication/frame.js';

/** How a sign of life was heard. */
interface Hearing {
  /** Whether the incarnation was unknown before. */
  isNew: boolean;
  /** Whether the sign comes from the incarnation itself. */
  isDirect: boolean;
  /** How long this daemon was away, if it has heard nothing of the incarnation since. */
  awayMs: number;
}

export class Incarnation {
  /** The highest heartbeat counter that was heard. */
  counter = 0;
  /** When the counter last advanced, as seen here or by a daemon that relayed it. */
  heardAt: LeaseTime;
  /** Whether it has announced that it leaves, or a later incarnation of its name has published. */
  gone = false;
  /** Since when it is gone, by the earliest report. Meaningless while `gone` is false. */
  goneAt: LeaseTime | undefined;
  /** As of the last {@link Membership.review}. */
  lost = false;
  /** When it was lost, as of the last review; meaningless while it is not. */
  lostAt = 0;
  /**
   * Whether an operator has declared that it is gone for good. It is not listed while it is lost, but its entries still
   * count.
   */
  dismissed = false;
  /** Whether it was forgotten, after it had been lost for long enough, and then heard again. */
  revived = false;
  /** The longest TTL of any entry or release that it ever had. */
  longestTtlMs = 0;
  /** What this daemon has of its holdings: its own ones, or a replica. */
  holdings: Holdings | undefined;
  /** Its signature of {@link counter}; undefined while that is not known. */
  voucher: Proof | undefined;
  /** The earliest time at which its counter can have advanced, whatever peers report. */
  floor: LeaseTime = -Infinity;
  /** The last counter that came from the incarnation itself. */
  told = -1;
  /** The incarnation that seems to replace it, and its counter then: if it goes on counting, it is not replaced. */
  replacedBy: { runId: RunId; counter: number; at: LeaseTime } | undefined;
  /** How often in a row its holdings had to be fetched again. */
  fetchedAnew = 0;

  constructor(
    readonly runId: RunId,
    readonly metAt: LeaseTime,
  ) {
    this.heardAt = metAt;
  }

  /**

   * A sign of life was heard.
   * @param beatMs  from one heartbeat to the next
   */
  heard(
    [, counter, ageMs, , key, signature]: Sign,
    now: LeaseTime,
    beatMs: number,
    { isNew, isDirect, awayMs }: Hearing,
  ): void {
    const before = this.heardAt;
    const saidAt = now - Math.max(0, ageMs);
    if (isNew || counter > this.counter) {
      const beats = counter - this.counter;
      this.floor = this.voucher ? Math.min(now, before - awayMs + beats * beatMs) : -Infinity;
      this.counter = counter;
      this.heardAt = Math.max(saidAt, this.floor);
      if (key && signature) this.voucher = [key, signature];
    } else if (counter === this.counter) {
      this.heardAt = Math.max(Math.min(before, saidAt), this.floor);
    }
    if (isDirect && counter >= this.counter && counter > this.told) {
      this.told = counter;
      this.floor = Math.max(this.floor, now - beatMs);
      this.heardAt = Math.max(this.heardAt, this.floor);
    }
  }

  /** This daemon's own incarnation counts one further, and signs it. */
  beat(identity: Identity, now: LeaseTime): void {
    this.counter++;
    this.sign(identity);
    this.heardAt = now;
  }

  /** Signs the present counter, for this daemon's own incarnation. */
  sign(identity: Identity): void {
    this.voucher = [identity.key, identity.sign(aliveText(this.runId, this.counter))];
  }

  /** This daemon's own incarnation hears itself all the time. */
  hearSelf(now: LeaseTime): void {
    this.heardAt = now;
  }

  /** It was silent for `ms` that the lease clock does not count. */
  shift(ms: number): void {
    this.heardAt -= ms;
    this.floor = -Infinity;
    if (this.goneAt !== undefined) this.goneAt -= ms;
  }

  /**
   * A peer speaks of it for the first time since this daemon was away for `awayMs`.
   * @param isBehind  whether the peer knows an earlier counter than this daemon: its last sign is then older by that
   */
  spokenOf(awayMs: number, isBehind: boolean): void {
    this.floor -= awayMs;
    if (isBehind) this.heardAt -= awayMs;
  }

  /** A peer says since when it is gone. Returns whether that is earlier than was known here. */
  goneSince(goneAt: LeaseTime): boolean {
    if (this.goneAt! <= goneAt) return false;
    this.goneAt = goneAt;
    return true;
  }

  /** A later incarnation of its name seems to take its place, or none does. */
  succeededBy(runId: RunId | undefined, now: LeaseTime): void {
    if (runId === undefined) this.replacedBy = undefined;
    else if (this.replacedBy?.runId !== runId) this.replacedBy = { runId, counter: this.counter, at: now };
  }

  /** It is {@link gone}, or it is not. */
  setGone(gone: boolean, now: LeaseTime): void {
    this.gone = gone;
    this.goneAt = gone ? (this.goneAt ?? now) : undefined;
  }

  /** It is lost since `at`. */
  lose(at: LeaseTime): void {
    this.lost = true;
    this.lostAt = at;
  }

  /** It is not lost, whatever was thought or said. */
  recover(): void {
    this.lost = this.dismissed = false;
  }

  /** An operator says that it is gone for good. */
  dismiss(): void {
    this.dismissed = true;
  }

  /** It is heard although it had been forgotten. */
  revive(): void {
    this.revived = true;
  }

  /** Whether it was {@link revived} since this was last called. */
  takeRevived(): boolean {
    const revived = this.revived;
    this.revived = false;
    return revived;
  }

  /** It has an entry or a release of this TTL. */
  sawTtl(ttlMs: number): void {
    this.longestTtlMs = Math.max(this.longestTtlMs, ttlMs);
  }

  /** This is what it holds: complete; undefined if it no longer holds anything. */
  hold(holdings: Holdings | undefined): void {
    this.holdings = holdings;
    this.fetchedAnew = 0;
  }

  /** Its holdings cannot be read and are fetched again. Returns how often in a row that has happened. */
  fetchAgain(): number {
    return ++this.fetchedAnew;
  }

  /** Whether it has announced that it leaves. */
  get left(): boolean {
    return this.holdings?.owner?.leaving === true;
  }

  /**
   * Whether a later incarnation of its name replaced it while it was heard. That one holds nothing that this one held.
   */
  wasReplacedAlive(peerTimeoutMs: number): boolean {
    return this.lost && this.gone && !this.left && this.goneAt! < this.heardAt + peerTimeoutMs;
  }

  /** Whether it has published which daemon it is. */
  get published(): boolean {
    return this.holdings?.owner !== undefined;
  }
}
