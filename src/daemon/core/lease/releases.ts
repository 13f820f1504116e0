/**
 * The lives that were ended at this daemon, written down so that they count nowhere any more, whatever arrives late. A
 * release goes when nobody can bring back what it ended (docs/decisions/0022-releases.md).
 */

import type { LeaseTime } from '../../../crdt/clocks.js';
import type { Entry } from '../../../crdt/entry.js';
import type { LifeId, RunId } from '../../../crdt/ids.js';
import type { OwnHoldings } from '../../../crdt/own-holdings.js';
import type { View } from '../../../crdt/view.js';
import { limits } from '../../../model/limits.js';
import type { RegistrationId } from '../../../model/registration.js';
import { releaseGraceMs } from '../view/remote-holdings.js';

/** Releases that are forgotten at a time: each is a write, which everyone has to take in. */
const releasesPerTick = 1000;

export type ReleaseReason = 'deregistered' | 'replaced';

export class Releases {
  /** When each was written. */
  readonly #writtenAt = new Map<RegistrationId, LeaseTime>();
  /** Of those that everyone has: since when no copy of what they end is known here. */
  readonly #clearSince = new Map<RegistrationId, LeaseTime>();
  /** What was written here before this time, everyone has (see Confirmation). */
  #confirmed: LeaseTime = -Infinity;

  /** @param runId  of the incarnation that writes them */
  constructor(
    private readonly own: OwnHoldings,
    private readonly view: View,
    private readonly runId: RunId,
    private readonly peerTimeoutMs: number,
  ) {}

  /** Whether this daemon itself says that a life has ended. */
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
   * Forgets those of which no copy can be about.
   * @param confirmed  a time, if everyone is known now to have what was written here before it
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
   * Whether nobody can bring back what was released: either no copy can be about by its TTL, or everyone knows of the
   * release, and after that everyone has every document as it was when no copy was seen here any more.
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
