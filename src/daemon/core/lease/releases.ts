/**
 * The lives that were ended at this daemon. They are written down so that they no longer count anywhere, even if a copy
 * arrives late. A release is dropped when no daemon can bring back the life (docs/decisions/0022-releases.md).
 */

import type { LeaseTime } from '../../../crdt/clocks.js';
import type { Entry } from '../../../crdt/entry.js';
import type { LifeId, RunId } from '../../../crdt/ids.js';
import type { OwnHoldings } from '../../../crdt/own-holdings.js';
import type { View } from '../../../crdt/view.js';
import { limits } from '../../../model/limits.js';
import type { RegistrationId } from '../../../model/registration.js';
import { releaseGraceMs } from '../view/remote-holdings.js';

/** Releases that are dropped per tick: each is a write that every daemon has to merge. */
const releasesPerTick = 1000;

export type ReleaseReason = 'deregistered' | 'replaced';

export class Releases {
  /** When each release was written. */
  readonly #writtenAt = new Map<RegistrationId, LeaseTime>();
  /** For releases that every daemon has: since when no copy of the lives is known here. */
  readonly #clearSince = new Map<RegistrationId, LeaseTime>();
  /** Every daemon has what was written here before this time (see Confirmation). */
  #confirmed: LeaseTime = -Infinity;

  /** @param runId  of the incarnation that writes them */
  constructor(
    private readonly own: OwnHoldings,
    private readonly view: View,
    private readonly runId: RunId,
    private readonly peerTimeoutMs: number,
  ) {}

  /** Whether this daemon has a release of this life. */
  has(id: RegistrationId, life: LifeId): boolean {
    return this.own.released.get(id)?.lives.includes(life) === true;
  }

  /** Writes that the lives of these entries are released. */
  write(id: RegistrationId, entries: readonly Entry[], why: ReleaseReason, now: LeaseTime): void {
    const before = this.own.released.get(id);
    const ended = entries.map(({ life }) => life);
    const lives = [...new Set([...(before?.lives ?? []), ...ended])].slice(-limits.lives);
    const ttl = Math.max(before?.ttl ?? 0, ...entries.map((entry) => entry.ttl));
    const replaced = [...(before?.replaced ?? []), ...(why === 'replaced' ? ended : [])].filter((life) =>
      lives.includes(life),
    );
    this.own.setReleased(id, { lives, ttl, ...(replaced.length > 0 && { replaced }) });
    this.#writtenAt.set(id, now);
    this.#clearSince.delete(id);
    this.view.setReleased(this.runId, id, lives, replaced);
  }

  /**

   * Drops the releases of whose lives no copy is left.
   * @param confirmed  a time, if every daemon is known to have what was written here before it
   */
  tidy(now: LeaseTime, confirmed = this.#confirmed): void {
    this.#confirmed = confirmed;
    let room = releasesPerTick;
    for (const [id, at] of this.#writtenAt) {
      if (room === 0) break;
      if (!this.#isOver(id, at, now)) continue;
      room--;
      this.#writtenAt.delete(id);
      this.#clearSince.delete(id);
      this.own.setReleased(id, undefined);
      this.view.setReleased(this.runId, id, []);
    }
  }

  /**
   * Whether no daemon can bring back what was released. Either every copy has expired by its TTL; or every daemon knows
   * of the release, and later had every document in the state in which no copy was left here.
   */
  #isOver(id: RegistrationId, at: LeaseTime, now: LeaseTime): boolean {
    const { lives, ttl } = this.own.released.get(id)!;
    const isLate = now - at >= ttl + this.peerTimeoutMs + releaseGraceMs;
    const isKnown = this.#clearSince.has(id) || at < this.#confirmed;
    if (!isLate && !isKnown) return false;
    if (this.view.copies(id).some(({ entry }) => lives.includes(entry.life))) {
      this.#clearSince.delete(id);
      return false;
    }
    if (isLate) return true;
    const clearSince = this.#clearSince.get(id) ?? now;
    this.#clearSince.set(id, clearSince);
    return clearSince < this.#confirmed;
  }
}
