/**
 * How a daemon gets the state of the cluster before it publishes: it exchanges with the peers that may have it, until
 * one has sent everything. The result tells whether the daemon's own answers can be trusted.
 */

import type { MonotonicTime } from '../../../crdt/clocks.js';
import { type Log, logFailure } from '../log.js';
import type { DaemonSettings, Runtime, Timer } from '../runtime.js';
import type { Link } from './link.js';
import type { LinkTable } from './link-table.js';
import type { Seeds } from './seeds.js';
import { heartbeatEveryMs, joinLimitMs, joinPatienceMs } from './timing.js';
import { within } from './within.js';

export class Join {
  /** Whether everything has arrived from a peer that was synced itself. */
  synced: boolean;
  /** Whether that was so for long enough to know which daemons are alive. */
  warm = false;
  #warming: Timer | undefined;
  #heard: ((heard: boolean) => void) | undefined;
  /** When a peer last brought something. */
  #progressedAt: MonotonicTime = -Infinity;
  #stopped = false;

  constructor(
    private readonly settings: Pick<DaemonSettings, 'url' | 'peers' | 'peerTimeoutMs' | 'warmForMs' | 'ttlMs'>,
    private readonly runtime: Pick<Runtime, 'now' | 'after'>,
    private readonly links: LinkTable,
    private readonly seeds: Pick<Seeds, 'lookUp'>,
    private readonly log: Pick<Log, 'info' | 'error'>,
  ) {
    this.synced = settings.peers.every((url) => url === settings.url);
  }

  /**
   * Gets everything from the configured peers and those known from before. Resolves with whether it has arrived; false
   * if no peer answers.
   */
  async run(): Promise<boolean> {
    const { settings } = this;
    this.warm = false;
    this.#warming?.cancel();
    await within(this.runtime, settings.peerTimeoutMs, this.seeds.lookUp());
    if (this.#stopped) return false;
    const links = this.links.toJoin();
    const heard = links.length > 0 && (await this.#hearFrom(links));
    if (this.#stopped) return false;
    // A daemon that starts without a peer gives clients one TTL to renew before its view is trusted.
    const warm = (): void => this.#know('services have had the time to register');
    this.#warming = this.runtime.after(settings.warmForMs ?? settings.ttlMs, warm);
    return heard;
  }

  /** A synced peer has sent everything. */
  heard(isWarm: boolean): void {
    this.#know(isWarm ? 'a peer has told everything' : undefined);
    this.#heard?.(true);
  }

  /** A peer has brought something. */
  progressed(): void {
    this.#progressedAt = this.runtime.now();
  }

  /** What was heard while joining is out of date: {@link run} resolves with false. */
  abandon(): void {
    this.#heard?.(false);
  }

  stop(): void {
    this.#stopped = true;
    this.abandon();
    this.#warming?.cancel();
  }

  /** @param warmBecause  why this daemon is warm now; undefined if it is not */
  #know(warmBecause?: string): void {
    this.synced = true;
    if (this.warm || warmBecause === undefined) return;
    this.warm = true;
    this.log.info({}, `warm, its view can be trusted: ${warmBecause}`);
  }

  /**
   * Exchanges with these peers until one has sent everything (true), or none can (false). A peer that accepts
   * connections may be busy, for example with a long history: it is waited for as long as it would count as alive.
   */
  async #hearFrom(links: readonly Link[]): Promise<boolean> {
    const { runtime, settings } = this;
    let retry: Timer | undefined;
    let patience: Timer | undefined;
    const heard = await new Promise<boolean>((resolve) => {
      this.#heard = resolve;
      this.#progressedAt = runtime.now();
      const mayTell = (link: Link): boolean =>
        link.up ? link.knowing : link.there && link.silenceMs < settings.peerTimeoutMs;
      const giveUp = (): void => {
        if (!links.some(mayTell) || runtime.now() - this.#progressedAt >= joinLimitMs) resolve(false);
      };
      for (const link of links) link.reset();
      const ask = (): void => {
        Promise.all(links.map((link) => link.exchanged()))
          .then(giveUp)
          .catch(logFailure(this.log, 'joining'));
      };
      // Heartbeats begin after joining, so nothing else would repeat an exchange that was lost.
      const askAgain = (): void => {
        retry = runtime.after(heartbeatEveryMs(settings.peerTimeoutMs), () => {
          askAgain();
          giveUp();
          ask();
        });
      };
      ask();
      askAgain();
      patience = runtime.after(joinPatienceMs, giveUp);
    });
    retry?.cancel();
    patience?.cancel();
    this.#heard = undefined;
    return heard;
  }
}
