/**
 * fetch and undici through the registry: `fetch('http://www.bender/')` goes to an instance of the frontend `www`. It
 * needs undici 7 or 8 in the program.
 */

import * as undici from 'undici';
import { Agent, Dispatcher, errors, Pool as Connections } from 'undici';
import type { Weighted } from '../../model/weights.js';
import { hostPort } from '../../model/registration.js';
import type { Pool } from '../pool/pool.js';
import { type PoolOpener, Pools, type PoolsOptions } from '../pool/pools.js';
import { warn } from '../warnings.js';
import { Attempt, notSent, type Retry } from './undici-attempt.js';

export type { Retry } from './undici-attempt.js';

/** Adapts handlers of earlier versions, as those of Node's own fetch, to undici 8. undici 7 does so by itself. */
const { Dispatcher1Wrapper } = undici as { Dispatcher1Wrapper?: new (dispatcher: Dispatcher) => Dispatcher };

export interface DispatcherOptions extends PoolsOptions {
  /**
   * Which requests are sent to another instance after their connection was lost before a response began. Those that
   * were certainly not sent always are.
   *
   * `unsent`: no others. `safe` (default): GET, HEAD and OPTIONS. `idempotent`: PUT, DELETE and TRACE, too.
   */
  retry?: Retry | undefined;
  /**
   * The `Host` of requests: that of the URL, such as `www.bender` (`url`, default), or the address of the instance.
   */
  host?: 'url' | 'instance' | undefined;
  /** For the connections to instances: limits, timeouts, and in `connect` the CA of instances that speak TLS. */
  connections?: Omit<Connections.Options, 'factory'> | undefined;
  /** For requests to other hosts; default: a new Agent, which is closed with the dispatcher. */
  elsewhere?: Dispatcher | undefined;
}

/** Made by {@link benderDispatcher}. */
export class BenderDispatcher extends Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #pools: Pools;
  readonly #elsewhere: Dispatcher;
  readonly #composed: Dispatcher;
  /** The same for handlers of earlier versions. */
  readonly #adapting: Dispatcher;
  /** By scheme and id: a new instance at the same address gets new connections. */
  readonly #connections = new Map<string, { to: Weighted; pool: Pool; connections: Connections }>();
  /** Those that get no further request, and end when the ones under way are answered. */
  readonly #ending = new Set<Connections>();
  #state: 'open' | 'closed' | 'destroyed' = 'open';
  #tellDestroyed!: () => void;
  readonly #destroyed = new Promise<void>((resolve) => (this.#tellDestroyed = resolve));

  constructor(client: PoolOpener, options: DispatcherOptions = {}) {
    super();
    const { retry: _retry, host: _host, connections: _connections, elsewhere, ...ofPools } = options;
    this.#options = options;
    this.#pools = new Pools(client, ofPools, (pool) => pool.onUpdate(() => this.#leave(pool)));
    this.#elsewhere = elsewhere ?? new Agent();
    // undici 7 adapts handlers of earlier versions on this way.
    this.#composed = this.#elsewhere.compose((dispatch) => (request, handler) => {
      const frontend = this.#pools.frontendOf(hostOf(request.origin));
      if (frontend === undefined) return dispatch(request, handler);
      if (this.#state === 'open') return this.#dispatch(this.#pools.of(frontend), request, handler);
      const { ClientClosedError, ClientDestroyedError } = errors;
      const error = this.#state === 'closed' ? new ClientClosedError() : new ClientDestroyedError();
      handler.onResponseError?.(notSent, error);
      return false;
    });
    this.#adapting = Dispatcher1Wrapper ? new Dispatcher1Wrapper(this.#composed) : this.#composed;
  }

  override dispatch(request: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    return (handler.onRequestStart ? this.#composed : this.#adapting).dispatch(request, handler);
  }

  /** Waits for the requests that are under way, and closes the connections and pools. */
  override close(callback?: () => void): Promise<void> {
    if (this.#state === 'open') this.#state = 'closed';
    const closed = this.#end((connections) => connections.close());
    // Undici never closes a pool that is destroyed while requests wait in it.
    return settle(Promise.race([closed, this.#destroyed]), callback);
  }

  /** Ends the requests that are under way. */
  override destroy(error?: Error | null | (() => void), callback?: () => void): Promise<void> {
    this.#state = 'destroyed';
    const cause = error instanceof Error ? error : null;
    const destroyed = this.#end((connections) => connections.destroy(cause)).finally(() => this.#tellDestroyed());
    return settle(destroyed, typeof error === 'function' ? error : callback);
  }

  async #end(end: (connections: Dispatcher) => Promise<void>): Promise<void> {
    await this.#pools.close();
    // A request that fails meanwhile may go to another instance, by other connections.
    while (this.#connections.size + this.#ending.size > 0) {
      for (const { connections } of this.#connections.values()) this.#ending.add(connections);
      this.#connections.clear();
      await Promise.all([...this.#ending].map((connections) => this.#endWith(connections, end)));
    }
    if (this.#options.elsewhere === undefined) await end(this.#elsewhere).catch(() => undefined);
  }

  async #endWith(connections: Connections, end: (connections: Dispatcher) => Promise<void>): Promise<void> {
    this.#ending.add(connections);
    // It rejects if the connections were destroyed before they were closed.
    await end(connections).catch(() => undefined);
    this.#ending.delete(connections);
  }

  #dispatch(pool: Pool, request: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const { retry = 'safe', host = 'url' } = this.#options;
    const asked = new URL(request.origin!);
    const sent = host === 'url' ? { ...request, headers: withHost(request.headers, asked.host) } : request;
    const attempt = new Attempt({
      ...{ pool, retry, handler, request: sent, isDestroyed: () => this.#state === 'destroyed' },
      send: (to, one, attempted) => {
        const isTls = pool.routing.scheme === 'https' || asked.protocol === 'https:';
        const origin = `${isTls ? 'https' : 'http'}://${hostPort(to)}`;
        this.#connectionsTo(pool, to, origin).dispatch({ ...one, origin }, attempted);
      },
    });
    if (pool.status.state !== 'waiting') attempt.begin();
    else
      this.#pools.known(pool, signalOf(request)).then(
        () => attempt.begin(),
        (error: Error) => attempt.refuse(error),
      );
    return true;
  }

  #connectionsTo(pool: Pool, to: Weighted, origin: string): Connections {
    const key = `${origin} ${to.id}`;
    const known = this.#connections.get(key);
    if (known) return known.connections;
    const connections = new Connections(origin, this.#options.connections);
    this.#connections.set(key, { to, pool, connections });
    return connections;
  }

  /**
   * Closes the connections to instances that no longer take requests, once those under way are answered. What waits for
   * a connection to an instance that is gone is sent to another one.
   */
  #leave(pool: Pool): void {
    for (const [key, { to, pool: of, connections }] of this.#connections) {
      if (of !== pool || pool.has(to)) continue;
      this.#connections.delete(key);
      const isGone = !pool.knows(to) && connections.stats.running === 0;
      this.#endWith(connections, (each) => (isGone ? each.destroy() : each.close())).catch(warn);
    }
  }
}

/**
 * A dispatcher for `fetch`, `request` and the other functions of undici, and for Node's own `fetch`. Requests to
 * `http://FRONTEND.bender/` go to an instance of the frontend, all others where they always go.
 *
 *     const dispatcher = benderDispatcher(client);
 *     await fetch('http://www.bender/', { dispatcher });
 *     setGlobalDispatcher(dispatcher); // for each fetch of the program
 *     await dispatcher.close();
 *
 * A request fails with NoInstanceError if nothing is online.
 */
export const benderDispatcher = (client: PoolOpener, options?: DispatcherOptions): BenderDispatcher =>
  new BenderDispatcher(client, options);

const hostOf = (origin: string | URL | undefined): string | undefined =>
  origin === undefined ? undefined : new URL(origin).hostname;

/** That of `undici.request` and the like, which do not act on it before the request is sent. */
function signalOf(request: Dispatcher.DispatchOptions): AbortSignal | undefined {
  const { signal } = request as { signal?: unknown };
  return signal instanceof AbortSignal ? signal : undefined;
}

type Headers = NonNullable<Dispatcher.DispatchOptions['headers']>;

/** Adds `host`, unless there is one. */
function withHost(headers: Headers | null | undefined, host: string): Headers {
  if (headers === undefined || headers === null) return { host };
  if (Array.isArray(headers)) {
    const names = (headers as unknown[]).filter((_, index) => index % 2 === 0);
    return names.some(isHost) ? headers : [...headers, 'host', host];
  }
  if (Symbol.iterator in headers) {
    const pairs = [...(headers as Iterable<[string, string | string[] | undefined]>)];
    return pairs.some(([name]) => isHost(name)) ? pairs : [...pairs, ['host', host]];
  }
  return Object.keys(headers).some(isHost) ? headers : { ...headers, host };
}

const isHost = (name: unknown): boolean => String(name).toLowerCase() === 'host';

function settle(ended: Promise<void>, callback?: () => void): Promise<void> {
  if (callback) ended.then(callback, callback);
  return ended;
}
