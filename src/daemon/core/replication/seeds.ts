/**
 * The configured peers, and the addresses that each stands for.
 *
 * The host of a peer may be a name with several addresses, one of which may be this daemon's own: all of them are
 * called. The name is looked up again and again, since the addresses of daemons that start together appear one after
 * the other. An address that leads back to this daemon is tried again: behind a load balancer it may lead elsewhere.
 */

import type { MonotonicTime } from '../../../crdt/clocks.js';
import type { CallTarget, DaemonUrl, RunId } from '../../../crdt/ids.js';
import type { ConfiguredPeer } from '../../../model/daemon.js';
import { isAddress, normalizeHost } from '../../../model/host.js';
import { formatPeerAddress } from './peer-address.js';
import { type Log, logFailure } from '../log.js';
import type { Runtime, Transport } from '../runtime.js';
import { SeedReports } from './seed-reports.js';

/**
 * How long until a name is looked up again, and a failed address is called again, while another of its addresses is
 * reached.
 */
const calmMs = 10_000;

/** How long until an address that led to this daemon itself is called again, while this daemon is not alone. */
const selfMs = 60_000;

/** How many addresses of one name are called; more are not needed, since daemons learn of each other. */
const mostAddresses = 64;

/** How many of these are called at once to join. */
const askedAtOnce = 8;

/** The outcome of the last call to one address. */
type Outcome =
  { kind: 'none' } | { kind: 'reached'; runId: RunId } | { kind: 'self' } | { kind: 'failed'; reason: string };

interface Target {
  outcome: Outcome;
  /** When (monotonic ms) that was. */
  at: MonotonicTime;
}

interface Seed {
  url: DaemonUrl;
  /** The host name to look up; undefined for an address. */
  name: string | undefined;
  /** By call target. */
  targets: Map<CallTarget, Target>;
  lookup: Promise<void> | undefined;
  lookedUpAt: MonotonicTime;
}

export interface SeedsHost {
  readonly runtime: Runtime;
  readonly transport: Pick<Transport, 'lookup'>;
  readonly log: Log;
  readonly peerTimeoutMs: number;
  /** Whether no other daemon is live. */
  isAlone(): boolean;
}

export class Seeds {
  readonly #seeds: readonly Seed[];
  readonly #reports: SeedReports;

  constructor(
    urls: readonly DaemonUrl[],
    private readonly host: SeedsHost,
  ) {
    this.#seeds = [...new Set(urls)].map((url): Seed => {
      const hostname = normalizeHost(new URL(url).hostname);
      const name = isAddress(hostname) ? undefined : hostname;
      const targets = new Map<CallTarget, Target>();
      if (name === undefined) targets.set(url, untried());
      return { url, name, targets, lookup: undefined, lookedUpAt: -Infinity };
    });
    this.#reports = new SeedReports(urls, () => host.runtime.now(), host.log);
  }

  /** Whether this is the call target of a configured peer. */
  has(target: CallTarget): boolean {
    return this.#find(target) !== undefined;
  }

  /** Starts looking up the names that are due. */
  refresh(): void {
    this.lookUp().catch(logFailure(this.host.log, 'looking up configured peers'));
  }

  /** Looks up the names that are due, and resolves when that is done. */
  async lookUp(): Promise<void> {
    await Promise.all(this.#seeds.map((seed) => this.#lookUp(seed)));
  }

  /** The call targets to join. */
  toJoin(): CallTarget[] {
    return this.#seeds.flatMap(({ targets }) => [...targets.keys()].slice(0, askedAtOnce));
  }

  /**
   * The call targets that are due now.
   * @param isLinked  whether this daemon exchanges with that incarnation anyway
   */
  due(isLinked: (runId: RunId) => boolean): CallTarget[] {
    const now = this.host.runtime.now();
    return this.#seeds.flatMap(({ targets }) => {
      const isAnyReached = [...targets.values()].some(({ outcome }) => outcome.kind === 'reached');
      const isDue = ({ outcome, at }: Target): boolean => {
        switch (outcome.kind) {
          case 'none':
            return true;
          case 'reached':
            return !isLinked(outcome.runId);
          case 'self':
            return now - at >= (this.host.isAlone() ? this.host.peerTimeoutMs : selfMs);
          case 'failed':
            return !isAnyReached || now - at >= calmMs;
        }
      };
      return [...targets].filter(([, target]) => isDue(target)).map(([where]) => where);
    });
  }

  /** Another daemon has answered there. */
  reached(where: CallTarget, runId: RunId): void {
    const [seed, target] = this.#find(where) ?? [];
    if (!seed || !target) return;
    this.#settle(target, { kind: 'reached', runId });
    this.#reports.succeeded(seed.url);
  }

  /** This daemon itself has answered there. */
  ledToSelf(where: CallTarget): void {
    const [seed, target] = this.#find(where) ?? [];
    if (!seed || !target) return;
    this.#settle(target, { kind: 'self' });
    this.#report(seed);
  }

  /** There was no answer, or a refusal. */
  failed(where: CallTarget, { message }: Error): void {
    const [seed, target] = this.#find(where) ?? [];
    if (!seed || !target) return;
    // Errors of a transport begin with the URL, which the line has already.
    const reason = message.startsWith(`${seed.url}: `) ? message.slice(seed.url.length + 2) : message;
    this.#settle(target, { kind: 'failed', reason });
    this.#report(seed);
  }

  /** All of them, as `GET /status` has them. */
  list(): ConfiguredPeer[] {
    return this.#seeds.map((seed) => {
      const outcomes = [...seed.targets.values()].map(({ outcome }) => outcome);
      const isSelf = outcomes.length > 0 && outcomes.every(({ kind }) => kind === 'self');
      return {
        ...this.#reports.get(seed.url)!,
        ...(isSelf && { self: true as const }),
        ...(seed.name !== undefined && outcomes.length > 1 && { addresses: outcomes.length }),
      };
    });
  }

  #settle(target: Target, outcome: Outcome): void {
    target.outcome = outcome;
    target.at = this.host.runtime.now();
  }

  /** Reports a peer of which all addresses have been called and none was reached. */
  #report({ url, targets }: Seed): void {
    const outcomes = [...targets.values()].map(({ outcome }) => outcome);
    const isOpen = outcomes.some(({ kind }) => kind === 'none' || kind === 'reached');
    if (isOpen || outcomes.length === 0) return;
    const reasons = outcomes.flatMap((outcome) => (outcome.kind === 'failed' ? [outcome.reason] : []));
    if (reasons.length > 0) this.#reports.failed(url, new Error([...new Set(reasons)].join('; ')));
    else if (this.host.isAlone()) this.#reports.ledToSelf(url, this.host.peerTimeoutMs);
  }

  #lookUp(seed: Seed): Promise<void> {
    const { runtime, peerTimeoutMs, transport } = this.host;
    if (seed.name === undefined || seed.lookup) return seed.lookup ?? Promise.resolve();
    const isAnyReached = [...seed.targets.values()].some(({ outcome }) => outcome.kind === 'reached');
    if (runtime.now() - seed.lookedUpAt < (isAnyReached ? calmMs : peerTimeoutMs)) return Promise.resolve();
    seed.lookup = transport
      .lookup(seed.name)
      .then(
        (addresses) => this.#found(seed, addresses),
        (error: Error) => {
          // The addresses that were found before may still be valid.
          if (seed.targets.size === 0) this.#reports.failed(seed.url, error);
        },
      )
      .finally(() => {
        seed.lookedUpAt = runtime.now();
        seed.lookup = undefined;
      });
    return seed.lookup;
  }

  #found(seed: Seed, addresses: readonly string[]): void {
    const distinct = [...new Set(addresses)].slice(0, mostAddresses);
    if (distinct.length === 0) return;
    const found =
      distinct.length === 1 ? [seed.url] : distinct.map((address) => formatPeerAddress({ url: seed.url, address }));
    seed.targets = new Map(found.map((where) => [where, seed.targets.get(where) ?? untried()]));
  }

  #find(where: CallTarget): [Seed, Target] | undefined {
    for (const seed of this.#seeds) {
      const target = seed.targets.get(where);
      if (target) return [seed, target];
    }
    return undefined;
  }
}

const untried = (): Target => ({ outcome: { kind: 'none' }, at: 0 });
