/**
 * Says when a TTL is too short for the peer timeout. Where two daemons cannot reach each other, a third one passes on
 * what one of them takes, with its heartbeats: two of those, at a fifth of the peer timeout, have to fit between the
 * last renewal and the end of the TTL.
 */

import type { Log } from '../log.js';

/** ms that a TTL should have at least, so that registrations survive broken links. */
export const shortestTtlMs = (peerTimeoutMs: number): number => peerTimeoutMs / 2;

export class TtlAdvice {
  #said = false;

  constructor(
    private readonly peerTimeoutMs: number,
    private readonly log: Pick<Log, 'warn'>,
  ) {}

  /** A registration is to live by this TTL. The log says once that one is too short. */
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
