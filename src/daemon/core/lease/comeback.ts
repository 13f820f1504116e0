/**
 * What follows when this daemon comes back from a piece of work that took longer than its peers wait for a sign of
 * life.
 *
 * It keeps its incarnation, its leases and its connections. Its peers may have taken it for lost meanwhile, and may
 * have let lapse what it holds. So, for a moment, it reads what was waiting:
 *
 * - Renewals that peers forward are refused: they have waited too, and whoever sent them has long held the entries
 *   itself.
 * - Peers say how long they had not heard it. What has lapsed there, and has not been renewed here by the end of that
 *   moment, ends here as well: it would come online once more at the peers, although nobody renews it.
 */

import type { LeaseTime } from '../../../crdt/clocks.js';
/** How many peer timeouts after coming back a report of silence still counts. */
const reportTimeouts = 2;

/**
 * The part of the peer timeout for which this daemon reads before it judges. Peers take back what lapsed after half of
 * it.
 */
const listenPart = 1 / 8;

/** What is to end: entries that were not renewed since, whose orphans have not survived that silence. */
export interface Lapse {
  /** Lease-clock ms. */
  since: LeaseTime;
  /** ms for which a peer did not hear this daemon. */
  silenceMs: number;
}

export class Comeback {
  /** Lease-clock ms; undefined if this daemon never was away. */
  #since: LeaseTime | undefined;
  #silenceMs = 0;
  #settled = true;

  constructor(private readonly peerTimeoutMs: number) {}

  /** ms after which {@link settle} is to be called. */
  get listenMs(): number {
    return this.peerTimeoutMs * listenPart;
  }

  /** Whether what was waiting is still being read. */
  get listening(): boolean {
    return !this.#settled;
  }

  /** This daemon is back. @param now  lease-clock ms */
  begin(now: LeaseTime): void {
    this.#since = now;
    this.#silenceMs = 0;
    this.#settled = false;
  }

  /** The moment is over. */
  settle(): Lapse | undefined {
    this.#settled = true;
    return this.#lapse();
  }

  /** A peer says for how long it did not hear this daemon. Returns what follows at once. */
  report(silenceMs: number, now: LeaseTime): Lapse | undefined {
    if (this.#since === undefined || now - this.#since > reportTimeouts * this.peerTimeoutMs) return undefined;
    if (silenceMs <= this.#silenceMs) return undefined;
    this.#silenceMs = silenceMs;
    return this.#settled ? this.#lapse() : undefined;
  }

  #lapse(): Lapse | undefined {
    if (this.#since === undefined || this.#silenceMs < this.peerTimeoutMs) return undefined;
    return { since: this.#since, silenceMs: this.#silenceMs };
  }
}
