/** What passes between this daemon and its peers, in numbers since the start. */

export class PeerTraffic {
  bytesSent = 0;
  bytesReceived = 0;
  /** Frames to peers that were answered. */
  exchanges = 0;
  /** Frames to peers that were refused, or not answered in time. */
  failures = 0;
  /** ms that the answers took, in all. */
  exchangesMs = 0;

  answered(tookMs: number): void {
    this.exchanges++;
    this.exchangesMs += tookMs;
  }
}
