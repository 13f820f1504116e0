/**
 * Warns if a TTL is too short for the peer timeout. If two daemons cannot reach each other, a third one relays renewals
 * with its heartbeats. Two heartbeats, at a fifth of the peer timeout, have to fit between the last renewal and the end
 * of the TTL.
 */

import type { Log } from '../log.js';

/** The shortest TTL with which registrations survive broken links. */
export const shortestTtlMs = (peerTimeoutMs: number): number => peerTimeoutMs / 2;

export class TtlAdvice {
  #said = false;

  constructor(
    private readonly peerTimeoutMs: number,
    private readonly log: Pick<Log, 'warn'>,
  ) {}

  /** A registration has this TTL. The first one that is too short is logged. */
  see(ttlMs: number): void {
    const leastMs = shortestTtlMs(this.peerTimeoutMs);
    if (this.#said || ttlMs >= leastMs) return;
    this.#said = true;
    this.log.warn(
      { ttl: ttlMs, peerTimeout: this.peerTimeoutMs },
      `a TTL below ${leastMs} ms, half of the peer timeout: registrations may go offline for a moment when links break`,
    );
  }
}
