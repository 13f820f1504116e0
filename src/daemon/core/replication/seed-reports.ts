/**
 * What became of the peers that this daemon was told of. One that cannot be reached is logged with the reason at once, and
 * then ever more rarely while it lasts: a wrong URL or a firewall must not end in a cluster of one that nobody notices.
 */

import { printable } from '../../../model/printable.js';
import type { ConfiguredPeer } from '../../../model/daemon.js';
import { reportDueMs } from '../pace.js';
import type { Log } from '../runtime.js';

/** Other reasons than before that are logged at once. */
const mostOther = 4;

interface Seed {
  reached: boolean;
  /** Why the last try failed; undefined after one that did not. */
  reason: string | undefined;
  /** When (monotonic ms) it began to fail. */
  failingSince: number;
  reports: number;
  /** Since when it leads to this daemon itself, and nowhere else. */
  selfSince: number | undefined;
}

export class SeedReports {
  readonly #seeds: ReadonlyMap<string, Seed>;

  /**
   * @param urls  the configured peers
   * @param now  monotonic ms
   */
  constructor(
    urls: readonly string[],
    private readonly now: () => number,
    private readonly log: Pick<Log, 'info' | 'warn'>,
  ) {
    this.#seeds = new Map(
      urls.map((url) => [
        url,
        { reached: false, reason: undefined, failingSince: 0, reports: 0, selfSince: undefined },
      ]),
    );
  }

  /** The peer has answered. */
  succeeded(url: string): void {
    const seed = this.#seeds.get(url);
    if (!seed) return;
    if (seed.reason !== undefined) this.log.info({ peer: url }, 'reached a configured peer');
    Object.assign(seed, { reached: true, reason: undefined, reports: 0, selfSince: undefined });
  }

  /** The peer could not be reached, or refused. */
  failed(url: string, { message }: Error): void {
    const seed = this.#seeds.get(url);
    if (!seed) return;
    const reason = printable(message);
    if (seed.reason === undefined) seed.failingSince = this.now();
    const hasChanged = seed.reason !== undefined && seed.reason !== reason;
    seed.reason = reason;
    const failingForMs = Math.round(this.now() - seed.failingSince);
    if (failingForMs < reportDueMs(seed.reports) && !hasChanged) return;
    // Another reason is news, but two that take turns are not.
    if (hasChanged && seed.reports > mostOther) return;
    seed.reports++;
    this.log.warn({ peer: url, reason, failingForMs }, 'cannot reach a configured peer');
  }

  /** Every address of the peer is this daemon's own: a failure if that lasts for `patienceMs`. */
  ledToSelf(url: string, patienceMs: number): void {
    const seed = this.#seeds.get(url);
    if (!seed) return;
    seed.selfSince ??= this.now();
    if (this.now() - seed.selfSince >= patienceMs)
      this.failed(url, new Error('it leads to this daemon itself'));
  }

  /** One of them, as `GET /status` has it. */
  get(url: string): ConfiguredPeer | undefined {
    const seed = this.#seeds.get(url);
    if (!seed) return undefined;
    const { reached, reason } = seed;
    return { url, reached, ...(reason !== undefined && { reason }) };
  }
}
