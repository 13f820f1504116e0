/**
 * node:http through the registry: requests to `http://www.bender/` go to an instance of the frontend `www`. For
 * `http.request`, and the libraries that take an agent of node:http: axios, got, superagent.
 *
 * What always holds: each request picks its instance. A connection that is kept alive belongs to one instance, serves
 * requests for that one alone, and is closed once that no longer takes requests.
 */

import { errorMonitor } from 'node:events';
import { Agent, type AgentOptions, type ClientRequest, type ClientRequestArgs } from 'node:http';
import { connect, type Socket, type TcpSocketConnectOpts } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { NoInstanceError } from '../../model/errors.js';
import type { Weighted } from '../../model/weights.js';
import type { Acquired } from '../pool/options.js';
import type { Pool } from '../pool/pool.js';
import { type PoolOpener, Pools, type PoolsOptions } from '../pool/pools.js';
import { acquireAnother } from './another.js';
import { isFault } from './fault.js';

export interface BenderAgentOptions extends PoolsOptions {
  /** For the agent: limits and timeouts. Connections are kept alive by default. */
  agent?: AgentOptions | undefined;
  /** For instances that speak TLS, as the routing facts of the frontend say (`scheme`): the CA, and the like. */
  tls?: ConnectionOptions | undefined;
  /** Milliseconds until a connection must be there, otherwise another instance is tried; default 5000. */
  connectTimeoutMs?: number | undefined;
}

/** Where a request goes. It may change while there is no connection. */
interface Route {
  pool: Pool;
  acquired: Acquired;
  /** Aborts if the caller ends the request, with its error. */
  ended: AbortSignal;
}

/** What a connection belongs to. */
interface Owner {
  pool: Pool;
  instance: Weighted;
  /** Whether it is in the place of a connection to another instance, and must not be kept. */
  isSubstitute: boolean;
}

type Created = (error: Error | null, socket: Duplex) => void;
type RoutedArgs = ClientRequestArgs & { benderRoute?: Route | Error };

/** What node:http calls for each request; it is not in its types. */
interface AddsRequests {
  addRequest(request: ClientRequest, options: RoutedArgs): void;
}

/** Made by {@link benderAgent}. */
export class BenderAgent extends Agent {
  readonly #options: BenderAgentOptions;
  readonly #pools: Pools;
  readonly #owners = new WeakMap<Duplex, Owner>();
  /** The connections that are being made. */
  readonly #opening = new Set<Socket>();
  #isDestroyed = false;

  constructor(client: PoolOpener, options: BenderAgentOptions = {}) {
    const { agent, tls: _tls, connectTimeoutMs: _connectTimeoutMs, ...ofPools } = options;
    super({ keepAlive: true, ...agent });
    this.#options = options;
    this.#pools = new Pools(client, ofPools, (pool) => pool.onUpdate(() => this.#leave(pool)));
  }

  /** Called by node:http. */
  addRequest(request: ClientRequest, options: RoutedArgs): void {
    const frontend = this.#pools.frontendOf(options.host ?? options.hostname);
    if (frontend === undefined) return this.#add(request, options);
    if (this.#isDestroyed) return this.#add(request, { ...options, benderRoute: wasDestroyed() });
    const pool = this.#pools.of(frontend);
    const ended = endOf(request);
    if (pool.status.state !== 'waiting') return this.#send(pool, request, options, ended);
    this.#pools.known(pool, ended).then(
      () => this.#send(pool, request, options, ended),
      (error: Error) => this.#add(request, { ...options, benderRoute: error }),
    );
  }

  /** Called by node:http. */
  override createConnection(options: RoutedArgs, created?: Created): Duplex | null | undefined {
    const { benderRoute: route } = options;
    if (route === undefined) return super.createConnection(options, created);
    const fail = (error: Error): void => (created as (error: Error) => void)(error);
    if (!('acquired' in route)) process.nextTick(fail, route);
    else this.#connect(route, options).then((socket) => created?.(null, socket), fail);
    return undefined;
  }

  /** Called by node:http. */
  override keepSocketAlive(socket: Duplex): boolean {
    const owner = this.#owners.get(socket);
    if (owner && (this.#isDestroyed || owner.isSubstitute || !owner.pool.has(owner.instance))) return false;
    // It returns whether to keep the connection, which its type does not say.
    return super.keepSocketAlive(socket) as unknown as boolean;
  }

  /** Closes the connections and the pools. Further requests to frontends fail, and open no pool again. */
  override destroy(): void {
    this.#isDestroyed = true;
    super.destroy();
    for (const socket of this.#opening) socket.destroy(wasDestroyed());
    this.#pools.close().catch(() => undefined);
  }

  #add(request: ClientRequest, options: RoutedArgs): void {
    (Agent.prototype as unknown as AddsRequests).addRequest.call(this, request, options);
  }

  #send(pool: Pool, request: ClientRequest, options: RoutedArgs, ended: AbortSignal): void {
    let acquired: Acquired;
    try {
      acquired = pool.acquire();
    } catch (error) {
      return this.#add(request, { ...options, benderRoute: error as Error });
    }
    const route = { pool, acquired, ended };
    this.#account(request, route);
    const { host, port } = acquired.instance;
    // Agents keep connections by host and port.
    this.#add(request, { ...options, host, hostname: host, port, benderRoute: route });
  }

  /** Says how the request ends. Adds no listener that would change what node:http does. */
  #account(request: ClientRequest, route: Route): void {
    let hasFailed = false;
    request.once(errorMonitor, (error: Error) => {
      hasFailed = true;
      // Without either, the caller has ended it.
      const isOver = request.socket?.readableEnded || request.socket?.errored;
      if (isOver && isFault(error)) route.pool.failed(route.acquired.instance);
    });
    request.once('close', () => {
      route.acquired.release();
      if (!hasFailed) route.pool.succeeded(route.acquired.instance);
    });
  }

  /** Connects to the instance or, if that fails, to another one: nothing has been sent yet. */
  async #connect(route: Route, options: RoutedArgs): Promise<Duplex> {
    const { pool, ended } = route;
    const tried = new Set<string>();
    for (;;) {
      const { instance } = route.acquired;
      tried.add(instance.id);
      try {
        const socket = await this.#open(pool, instance, options, ended);
        this.#owners.set(socket, { pool, instance, isSubstitute: tried.size > 1 });
        return socket;
      } catch (error) {
        ended.throwIfAborted();
        if (this.#isDestroyed) throw error;
        pool.failed(instance);
        const other = acquireAnother(pool, tried);
        if (other === undefined) throw error;
        route.acquired.release();
        route.acquired = other;
      }
    }
  }

  #open(pool: Pool, instance: Weighted, options: RoutedArgs, ended: AbortSignal): Promise<Socket> {
    const { host, port } = instance;
    const { tls, connectTimeoutMs = 5000 } = this.#options;
    const { servername } = options as ConnectionOptions;
    const { noDelay = true } = options as Partial<TcpSocketConnectOpts>;
    const isTls = pool.routing.scheme === 'https';
    const socket = isTls
      ? connectTls({ ...(servername !== undefined && { servername }), ...tls, host, port })
      : connect({ host, port });
    socket.setNoDelay(noDelay);
    this.#opening.add(socket);
    return new Promise((resolve, reject) => {
      const fails = (code: string, why: string): unknown => socket.destroy(Object.assign(new Error(why), { code }));
      const timer = setTimeout(
        () => fails('ETIMEDOUT', `no connection to ${host}:${port} within ${connectTimeoutMs} ms`),
        connectTimeoutMs,
      );
      const leaveIfGone = (): void => {
        if (!pool.knows(instance)) fails('ECONNRESET', `${host}:${port} went offline before there was a connection`);
      };
      const hearNoMore = pool.onUpdate(leaveIfGone);
      // It may have waited for a free connection.
      leaveIfGone();
      if (this.#isDestroyed) socket.destroy(wasDestroyed());
      const giveUp = (): void => void socket.destroy(ended.reason as Error);
      ended.addEventListener('abort', giveUp);
      if (ended.aborted) giveUp();
      const settle = (): void => {
        clearTimeout(timer);
        hearNoMore();
        this.#opening.delete(socket);
        ended.removeEventListener('abort', giveUp);
        socket.off('error', fail);
      };
      const fail = (error: Error): void => {
        settle();
        socket.on('error', () => undefined).destroy();
        reject(error);
      };
      socket.once('error', fail).once(isTls ? 'secureConnect' : 'connect', () => {
        settle();
        resolve(socket);
      });
    });
  }

  /** Closes the idle connections to instances that no longer take requests. */
  #leave(pool: Pool): void {
    for (const socket of Object.values(this.freeSockets).flatMap((sockets) => sockets ?? [])) {
      const owner = this.#owners.get(socket);
      if (owner?.pool === pool && !pool.has(owner.instance)) socket.destroy();
    }
  }
}

/**
 * An agent for `http.request` and what is built on it. Requests to `http://FRONTEND.bender/` go to an instance of the
 * frontend, all others where they always go.
 *
 *     const agent = benderAgent(client);
 *     http.get('http://www.bender/', { agent }, (response) => response.pipe(process.stdout));
 *     agent.destroy();
 *
 * A request fails with NoInstanceError if nothing is online. A connection that cannot be made is made to another
 * instance; a request whose connection is lost fails, since its body is gone.
 */
export const benderAgent = (client: PoolOpener, options?: BenderAgentOptions): BenderAgent =>
  new BenderAgent(client, options);

/**
 * Aborts when the caller ends the request. Of a request without a connection, node:http tells nothing before it has
 * one, so that a caller would wait for it.
 */
function endOf(request: ClientRequest): AbortSignal {
  const end = new AbortController();
  const destroy = request.destroy.bind(request);
  request.destroy = (error?: Error) => {
    end.abort(error ?? Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }));
    return destroy(error);
  };
  if (request.destroyed) end.abort(new Error('the request was ended'));
  return end.signal;
}

const wasDestroyed = (): Error => new NoInstanceError('the agent was destroyed');
