/**
 * Whether the configured peers were reached. One that cannot be reached is logged with the reason: a wrong URL or a
 * firewall must not lead to an unnoticed cluster of one.
 */

import type { DaemonUrl } from '../../../crdt/ids.js';
import type { MonotonicTime } from '../../../crdt/clocks.js';
import { printable } from '../../../model/printable.js';
import type { ConfiguredPeer } from '../../../model/daemon.js';
import type { Log } from '../log.js';

const cannotReach = 'cannot reach a configured peer';

interface Seed {
  reached: boolean;
  /** Why the last try failed; undefined if it did not. */
  reason: string | undefined;
  /** Since when tries have failed. */
  failingSince: MonotonicTime;
  /** Since when it leads to this daemon itself only. */
  selfSince: MonotonicTime | undefined;
}

export class SeedReports {
  readonly #seeds: ReadonlyMap<DaemonUrl, Seed>;

  /**
   * @param urls  the configured peers
   * @param now  monotonic ms
   */
  constructor(
    urls: readonly DaemonUrl[],
    private readonly now: () => MonotonicTime,
    private readonly log: Pick<Log, 'warn' | 'resolve'>,
  ) {
    this.#seeds = new Map(
      urls.map((url) => [url, { reached: false, reason: undefined, failingSince: 0, selfSince: undefined }]),
    );
  }

  /** The peer has answered. */
  succeeded(url: DaemonUrl): void {
    const seed = this.#seeds.get(url);
    if (!seed) return;
    if (seed.reason !== undefined) this.log.resolve(cannotReach, { peer: url }, 'reached a configured peer');
    Object.assign(seed, { reached: true, reason: undefined, selfSince: undefined });
  }

  /** The peer could not be reached, or refused. */
  failed(url: DaemonUrl, { message }: Error): void {
    const seed = this.#seeds.get(url);
    if (!seed) return;
    const reason = printable(message);
    if (seed.reason === undefined) seed.failingSince = this.now();
    seed.reason = reason;
    const failingForMs = Math.round(this.now() - seed.failingSince);
    this.log.warn({ peer: url, reason, failingForMs }, cannotReach);
  }

  /** Every address of the peer is this daemon's own: a failure if that lasts for `patienceMs`. */
  ledToSelf(url: DaemonUrl, patienceMs: number): void {
    const seed = this.#seeds.get(url);
    if (!seed) return;
    seed.selfSince ??= this.now();
    if (this.now() - seed.selfSince >= patienceMs) this.failed(url, new Error('it leads to this daemon itself'));
  }

  /** One of them, as `GET /status` has it. */
  get(url: DaemonUrl): ConfiguredPeer | undefined {
    const seed = this.#seeds.get(url);
    if (!seed) return undefined;
    const { reached, reason } = seed;
    return { url, reached, ...(reason !== undefined && { reason }) };
  }
}
