/** The pools that a dispatcher, an agent or a resolver uses: one for each frontend, opened when it is first called. */

import { UnreachableError } from '../../model/errors.js';
import { realTimers } from '../timers.js';
import type { PoolOptions } from './options.js';
import type { Pool } from './pool.js';
import { nearOf } from './shares.js';

/** The part of the client that opens pools. */
export interface PoolOpener {
  pool(frontend: string, options?: PoolOptions): Pool;
}

export interface PoolsOptions extends PoolOptions {
  /** The end of host names that are names of frontends; default `bender`: `www.bender` is the frontend `www`. */
  suffix?: string | undefined;
  /**
   * Milliseconds that a request waits until the instances are known; default 10000. Less than the client's `timeoutMs`
   * does not suffice if the first of its servers hangs.
   */
  waitMs?: number | undefined;
}

export class Pools {
  readonly #open = new Map<string, Pool>();
  /** By pool whose instances are not known yet: wakes the requests that wait for them. */
  readonly #waiting = new Map<Pool, Set<() => void>>();
  readonly #end: string;

  /**
   * Throws InvalidError for a preference that pools refuse.
   *
   * @param onOpen  called with each pool that is opened
   */
  constructor(
    private readonly opener: PoolOpener,
    private readonly options: PoolsOptions,
    private readonly onOpen: (pool: Pool) => void = () => undefined,
  ) {
    nearOf(options);
    this.#end = `.${options.suffix ?? 'bender'}`;
  }

  /** The frontend that a host name is of; undefined if it is of none. */
  frontendOf(host: string | null | undefined): string | undefined {
    const name = host?.toLowerCase() ?? '';
    return name.length > this.#end.length && name.endsWith(this.#end) ? name.slice(0, -this.#end.length) : undefined;
  }

  of(frontend: string): Pool {
    const known = this.#open.get(frontend);
    if (known && !known.isClosed) return known;
    const { suffix: _suffix, waitMs: _waitMs, ...options } = this.options;
    const pool = this.opener.pool(frontend, options);
    this.#open.set(frontend, pool);
    this.#wakeWhenReady(pool);
    this.onOpen(pool);
    return pool;
  }

  /**
   * Resolves when the instances of a `pool` of these are known. Throws UnreachableError if that takes too long, the
   * error of a daemon that refuses to tell them, and the reason of `signal` when that aborts.
   */
  async known(pool: Pool, signal?: AbortSignal): Promise<void> {
    if (pool.status.state !== 'waiting') return;
    const waiting = this.#waiting.get(pool);
    if (waiting === undefined) return pool.ready;
    const { waitMs = 10_000, timers = realTimers } = this.options;
    const over = new AbortController();
    const wake = (): void => over.abort();
    waiting.add(wake);
    signal?.addEventListener('abort', wake, { once: true });
    if (!signal?.aborted) await timers.sleep(waitMs, over.signal);
    waiting.delete(wake);
    signal?.removeEventListener('abort', wake);
    signal?.throwIfAborted();
    if (over.signal.aborted) return pool.ready;
    const { reason = 'no daemon has answered' } = pool.status;
    throw new UnreachableError(`the instances of ${pool.frontend} are not known after ${waitMs} ms: ${reason}`);
  }

  /** One handler for all requests: those of requests that no longer wait would stay with `ready`. */
  #wakeWhenReady(pool: Pool): void {
    const waiting = new Set<() => void>();
    this.#waiting.set(pool, waiting);
    const wake = (): void => {
      this.#waiting.delete(pool);
      for (const each of waiting) each();
    };
    pool.ready.then(wake, wake);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map((pool) => pool.close()));
    this.#open.clear();
  }
}
