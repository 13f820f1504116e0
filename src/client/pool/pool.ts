/**
 * The instances behind a frontend, kept up to date, of which a program picks one for each request.
 *
 * What always holds:
 * 1. `pick` sends no request: it chooses from what is known.
 * 2. While no daemon can be reached, or all are warming or cut off, the last good set is kept. What such a daemon knows
 *    beyond it is added; nothing is removed.
 * 3. An instance that failed is left out for a while if others remain.
 * 4. Instances elsewhere are picked only if too few near ones take requests, or all of those have failed.
 */

import type { Routing } from '../../model/catalog.js';
import { BenderError, NoInstanceError } from '../../model/errors.js';
import { isSameJson } from '../../model/json.js';
import type { Near } from '../../model/near.js';
import type { Weighted } from '../../model/weights.js';
import { Broadcast } from '../broadcast.js';
import type { ResolveOptions } from '../resolve-options.js';
import type { Timers } from '../timers.js';
import { realTimers } from '../timers.js';
import { call } from '../warnings.js';
import { Doubtful } from './doubtful.js';
import { Following } from './following.js';
import type { Acquired, PoolOptions, PoolStatus, PoolUpdate } from './options.js';
import { Outliers } from './outliers.js';
import { Pending } from './pending.js';
import { nearOf, type Shares, sharesOf } from './shares.js';
import { type Strategy, strategyOf } from './strategies.js';
import type { Views } from './view.js';

/** The part of the client that a pool uses. */
export interface Resolver {
  resolve(frontend: string, options?: ResolveOptions): Promise<Weighted[]>;
}

/**
 * The switch of a deployment and the drain of the former version may arrive in either order: for so long, an instance
 * that drains is better than none.
 */
const drainGraceMs = 2000;

/**
 *     const pool = client.pool('www', { pick: 'least-pending' });
 *     await pool.ready;
 *     const instance = pool.pick();
 *     await pool.close();
 */
export class Pool {
  readonly frontend: string;
  /**
   * Resolves when the instances are known, even if there are none. Rejects if a daemon refuses to tell them, or if the
   * pool is closed before.
   */
  readonly ready: Promise<void>;
  readonly #timers: Timers;
  readonly #following: Following;
  readonly #outliers: Outliers;
  readonly #near: Near | undefined;
  readonly #strategy: Strategy;
  readonly #pending = new Pending();
  readonly #updates: Broadcast<PoolUpdate>;
  readonly #listeners = new Set<() => void>();
  readonly #end = new AbortController();
  #resolveReady!: () => void;
  #rejectReady!: (error: unknown) => void;
  #instances: readonly Weighted[] = [];
  /** Those elsewhere that take requests, as long as enough near ones do. */
  #spare: readonly Weighted[] = [];
  /** Those with a weight. */
  #candidates: readonly Weighted[] = [];
  #candidateIds: ReadonlySet<string> = new Set();
  /** Monotonic ms: until when there was a candidate. */
  #servedUntil = -Infinity;
  #isKnown = false;
  readonly #doubtful: Doubtful;

  /** Made by {@link Client.pool}. */
  constructor(resolver: Resolver, views: Views, frontend: string, options: PoolOptions = {}) {
    const { pick = 'weighted', signal, leaveOut, timers = realTimers, near, nearAtLeast } = options;
    this.frontend = frontend;
    this.#timers = timers;
    this.#outliers = new Outliers(timers, leaveOut);
    this.#near = nearOf(options);
    this.#strategy = strategyOf(
      pick,
      () => timers.random(),
      (id) => this.#pending.of(id),
    );
    this.ready = new Promise((resolve, reject) => ([this.#resolveReady, this.#rejectReady] = [resolve, reject]));
    this.ready.catch(() => undefined); // A caller that does not await it does not need the error.
    this.#updates = new Broadcast<PoolUpdate>({ instances: [], status: { state: 'waiting', forMs: 0 } });
    const { signal: end } = this.#end;
    this.#doubtful = new Doubtful(
      () => resolver.resolve(frontend, { signal: end, near, nearAtLeast }),
      () => this.#following.trouble !== undefined,
      () => this.#refresh(),
      timers,
      end,
    );
    this.#following = new Following(views, frontend, () => this.#refresh(), timers);
    this.#refresh();
    signal?.addEventListener('abort', () => this.#close(), { once: true, signal: end });
    if (signal?.aborted) this.#close();
  }

  /**
   * Those that are online, with their weights, as far as it is known. Those that drain have the weight 0. With `near`,
   * those elsewhere are not among them as long as enough are near.
   */
  get instances(): readonly Weighted[] {
    return this.#instances;
  }

  /** Those that take requests now: those with a weight, or what drains, if that was different a moment ago. */
  get takers(): readonly Weighted[] {
    if (this.#candidates.length > 0 || this.#timers.now() >= this.#servedUntil + drainGraceMs) return this.#candidates;
    return this.#instances.map((one) => ({ ...one, weight: 1 }));
  }

  /** The routing facts of the frontend and its backend. */
  get routing(): Routing {
    return this.#following.routing;
  }

  get isClosed(): boolean {
    return this.#end.signal.aborted;
  }

  get status(): PoolStatus {
    const { trouble, nothing } = this.#following;
    if (trouble) {
      const forMs = this.#timers.now() - trouble.since;
      return { state: this.#isKnown ? 'kept' : 'waiting', forMs, reason: trouble.reason };
    }
    return { state: this.#isKnown ? 'fresh' : 'waiting', forMs: 0, ...(nothing !== undefined && { reason: nothing }) };
  }

  /**
   * The instance for one request; undefined if none is online, or nothing is known yet.
   *
   * @param except  ids of instances not to choose, if there are others
   */
  pick({ except }: { except?: ReadonlySet<string> | undefined } = {}): Weighted | undefined {
    const { takers } = this;
    const others = (all: readonly Weighted[]): readonly Weighted[] =>
      except?.size ? all.filter(({ id }) => !except.has(id)) : all;
    const candidates = this.#outliers.remaining(others(takers), others(this.#spare));
    return this.#strategy(candidates.length > 0 ? candidates : this.#outliers.remaining(takers));
  }

  /**
   * Picks an instance and counts the request until `release`, as `least-pending` needs it. Throws NoInstanceError.
   *
   *     const { instance, release } = pool.acquire();
   *     try { await ask(instance); } finally { release(); }
   */
  acquire(options?: { except?: ReadonlySet<string> | undefined }): Acquired {
    const instance = this.pick(options);
    if (instance === undefined) throw this.noInstance();
    return { instance, release: this.#pending.add(instance.id) };
  }

  /** How many requests were acquired and not released. */
  pending(id: string): number {
    return this.#pending.of(id);
  }

  /** A request to this instance failed at the connection: leaves it out for a while, if others remain. */
  failed({ id }: { id: string }): void {
    if (this.knows({ id })) this.#outliers.failed(id);
  }

  /** A request to this instance succeeded: its next failure counts as the first. */
  succeeded({ id }: { id: string }): void {
    if (!this.#outliers.isOut(id)) this.#outliers.succeeded(id);
  }

  /** Whether it is online, near or elsewhere, as far as it is known. */
  knows({ id }: { id: string }): boolean {
    return [this.#instances, this.#spare].some((part) => part.some((one) => one.id === id));
  }

  /** Whether it is online and does not drain, as far as it is known. */
  has({ id }: { id: string }): boolean {
    return this.#candidateIds.has(id) || (this.#candidates.length === 0 && this.takers.some((one) => one.id === id));
  }

  /** Why `pick` returns nothing. */
  noInstance(): NoInstanceError {
    const { reason } = this.status;
    const why = this.#instances.length > 0 ? 'all of them drain or have no share' : reason;
    return new NoInstanceError(`no instance of ${this.frontend} is online${why === undefined ? '' : `: ${why}`}`);
  }

  /**
   * Calls `listener` after each change of the instances or the status, until the returned function is called. What it
   * throws becomes a warning of the process.
   */
  onUpdate(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * The present state and each change. Ends with the pool, or when `signal` aborts.
   *
   *     for await (const { instances, status } of pool.updates()) console.log(status.state, instances.length);
   */
  updates(signal?: AbortSignal): AsyncIterableIterator<PoolUpdate> {
    if (!this.#updates.isRead && !this.isClosed) this.#updates.send(this.#present);
    return this.#updates.values(signal);
  }

  /** Ends following the frontend. */
  async close(): Promise<void> {
    this.#close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close();
  }

  #close(): void {
    if (this.isClosed) return;
    this.#end.abort();
    this.#following.close();
    this.#rejectReady(new BenderError('NO_INSTANCE', `the pool of ${this.frontend} was closed`));
    this.#updates.end(this.#present);
    this.#listeners.clear();
  }

  #refresh(): void {
    // The constructor of Following may call this.
    if (this.#following === undefined || this.isClosed) return;
    const { served, trouble } = this.#following;
    if (trouble === undefined) this.#doubtful.forget();
    else if (!trouble.isFirst) this.#doubtful.ask(!this.#isKnown);
    if (trouble?.error !== undefined) this.#rejectReady(trouble.error);
    const doubtful = this.#doubtful.instances;
    if (served !== undefined || doubtful.length > 0) {
      this.#isKnown = true;
      this.#take(sharesOf(served, doubtful, this.#near));
      this.#resolveReady();
    }
    this.#tell();
  }

  #hear(): void {
    for (const listener of [...this.#listeners]) call(listener);
  }

  #tell(): void {
    this.#hear();
    if (!this.#updates.isRead) return;
    const { latest } = this.#updates;
    const { state, reason } = this.status;
    const isSame = state === latest.status.state && reason === latest.status.reason;
    if (!isSame || !isSameJson(this.#instances, latest.instances)) this.#updates.send(this.#present);
  }

  get #present(): PoolUpdate {
    return { instances: this.#instances, status: this.status };
  }

  #take({ served, spare }: Shares): void {
    const hadCandidates = this.#candidates.length > 0;
    if (hadCandidates) this.#servedUntil = this.#timers.now();
    this.#instances = served;
    this.#candidates = served.filter(({ weight }) => weight > 0);
    this.#spare = spare.filter(({ weight }) => weight > 0);
    this.#candidateIds = new Set(this.#candidates.map(({ id }) => id));
    this.#outliers.keep(new Set([...served, ...spare].map(({ id }) => id)));
    if (hadCandidates && this.#candidates.length === 0) this.#endGrace().catch(() => undefined);
  }

  /** Instances that drain no longer take requests, unless that has changed. */
  async #endGrace(): Promise<void> {
    await this.#timers.sleep(drainGraceMs, this.#end.signal);
    if (!this.isClosed && this.#candidates.length === 0) this.#hear();
  }
}
