/**
 * What follows when one piece of work took longer than the peers wait for a sign of life.
 *
 * The daemon keeps its incarnation, its leases and its connections. Its peers may have considered it lost meanwhile,
 * and let lapse what it holds. So, for a moment, it reads what was waiting:
 *
 * - Renewals that peers forward are refused: they have waited too, and their sender has taken over the entries long
 *   ago.
 * - Peers report how long they had not heard it. An entry that has lapsed there, and is not renewed here by the end of
 *   that moment, ends here as well: it would come online again at the peers although its service does not renew.
 */

import type { LeaseTime } from '../../../crdt/clocks.js';
/** How many peer timeouts after coming back a report of silence still counts. */
const reportTimeouts = 2;

/**
 * The part of the peer timeout for which this daemon reads before it decides. Peers bring back what lapsed after half
 * of it.
 */
const listenPart = 1 / 8;

/** Which entries end: those that were not renewed since, and whose orphans have not survived that silence. */
export interface Lapse {
  /** Lease-clock ms. */
  since: LeaseTime;
  /** How long a peer did not hear this daemon. */
  silenceMs: number;
}

export class Comeback {
  /** Lease-clock ms; undefined if this daemon was never busy for so long. */
  #since: LeaseTime | undefined;
  #silenceMs = 0;
  #settled = true;

  constructor(private readonly peerTimeoutMs: number) {}

  /** When to call {@link settle} after {@link begin}. */
  get listenMs(): number {
    return this.peerTimeoutMs * listenPart;
  }

  /** Whether waiting input is still being read. */
  get listening(): boolean {
    return !this.#settled;
  }

  /** The work is over. @param now  lease-clock ms */
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

  /** A peer reports how long it did not hear this daemon. Returns what has to end at once. */
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
