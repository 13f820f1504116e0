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
  suffix?: string;
  /** Milliseconds that a request waits until the instances are known; default 5000. */
  waitMs?: number;
}

export class Pools {
  readonly #open = new Map<string, Pool>();
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

  /** The pool for a host name; undefined if it is not the name of a frontend. */
  for(host: string | null | undefined): Pool | undefined {
    const frontend = this.frontendOf(host);
    return frontend === undefined ? undefined : this.of(frontend);
  }

  of(frontend: string): Pool {
    const known = this.#open.get(frontend);
    if (known && !known.isClosed) return known;
    const { suffix: _suffix, waitMs: _waitMs, ...options } = this.options;
    const pool = this.opener.pool(frontend, options);
    this.#open.set(frontend, pool);
    this.onOpen(pool);
    return pool;
  }

  /** Resolves when the instances of `pool` are known. Throws UnreachableError if that takes too long. */
  async known(pool: Pool): Promise<void> {
    if (pool.status.state !== 'waiting') return;
    const { waitMs = 5000, timers = realTimers } = this.options;
    const over = new AbortController();
    const late = timers.sleep(waitMs, over.signal).then(() => 'late' as const);
    try {
      if ((await Promise.race([pool.ready, late])) !== 'late') return;
      const { reason = 'no daemon has answered' } = pool.status;
      throw new UnreachableError(`the instances of ${pool.frontend} are not known after ${waitMs} ms: ${reason}`);
    } finally {
      over.abort();
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map((pool) => pool.close()));
    this.#open.clear();
  }
}
