/**
 * The HTTP API as typed methods. With several servers, it stays with the one that answers, and moves to the next when
 * that cannot be reached, takes too long or is not ready.
 */

import type { ExplainAnswer } from '../model/explain.js';
import type { DaemonInfo, Status } from '../model/daemon.js';
import type {
  Address,
  InstanceOption,
  RegisterAnswer,
  Registration,
  RegistrationOptions,
  RegistrationState,
  Renewal,
  RenewalsAnswer,
} from '../model/registration.js';
import type { Weighted } from '../model/weights.js';
import type { WhoAmI } from '../model/whoami.js';
import { Calls } from './calls.js';
import { CatalogCalls } from './catalog-calls.js';
import type { ChangesOptions } from './changes.js';
import { changesIn } from './changes.js';
import { DrainRulesApi } from './drain-rules.js';
import type { EventFilter, EventOptions, WatchedEvent } from './events.js';
import { watchEvents } from './events.js';
import { Lease } from './lease.js';
import type { LeaseOptions } from './lease-options.js';
import type { SeenEvent } from './picture.js';
import type { CallOptions, ClientOptions, Query } from './options.js';
import { membersPath, path, queryOf, registrationPath } from './paths.js';
import type { ConnectionStatus } from './connection-status.js';
import type { PoolOptions } from './pool/options.js';
import { Pool } from './pool/pool.js';
import type { ResolveOptions } from './resolve-options.js';
import { Views } from './pool/view.js';
import { Servers } from './servers.js';
import { realTimers } from './timers.js';

/**
 *     const client = new Client({ servers: ['http://10.0.0.1:1729', 'http://10.0.0.2:1729'] });
 *     await client.registrations({ app: 'web', version: '^1.2.0' });
 */
export class Client extends CatalogCalls {
  readonly servers: Servers;
  readonly drainRules: DrainRulesApi;
  readonly #timeoutMs: number;
  readonly #calls: Calls;
  /** The event streams of its pools. */
  #views: Views | undefined;

  constructor({ servers: urls = [], token, tls, timeoutMs = 5000, ...options }: ClientOptions = {}) {
    const servers = new Servers(urls, token, tls);
    const calls = new Calls(servers, timeoutMs, options);
    super(calls);
    this.servers = servers;
    this.#timeoutMs = timeoutMs;
    this.#calls = calls;
    this.drainRules = new DrainRulesApi(calls);
  }

  /** Registers, renews or updates, depending on what is registered. */
  async register(registration: Address & RegistrationOptions, options?: CallOptions): Promise<RegisterAnswer> {
    return this.#calls.write('POST', '/registrations', { body: registration, ...options });
  }

  /**
   * Throws NotFoundError if no daemon knows the registration: register it again. Throws ReplacedError, which is a
   * NotFoundError, if another instance has the address now.
   */
  async renew(address: Address, { instance, ...options }: CallOptions & InstanceOption = {}): Promise<void> {
    await this.#calls.read('PUT', `${registrationPath(address)}/lease${queryOf({ instance })}`, options);
  }

  /** Renews up to 10,000 registrations at once; those with an `instance` only if it is the registered one. */
  async renewAll(ids: readonly (string | Renewal)[], options?: CallOptions): Promise<RenewalsAnswer> {
    return this.#calls.write('POST', '/renewals', { body: { ids }, ...options });
  }

  /**
   * Throws NotFoundError if no daemon knows the registration. With an `instance`, ends only that one: throws
   * ReplacedError if another one has its address.
   *
   *     await client.deregister(address, { instance: mine });
   */
  async deregister(address: Address, { instance, ...options }: CallOptions & InstanceOption = {}): Promise<void> {
    await this.#calls.remove(registrationPath(address) + queryOf({ instance }), options);
  }

  /**
   * Drains an instance (leaves it out of load balancing) or undrains it. That lasts until the next decision or the end
   * of the registration, whatever daemons come and go; a drain with `forMs` ends by itself after that time. Throws
   * NotFoundError if no daemon knows the registration, and ReplacedError if another instance has the address.
   *
   *     await client.setState(address, { draining: true, reason: 'kernel update', forMs: 30 * 60_000 });
   */
  async setState(
    address: Address,
    { draining, reason, forMs }: RegistrationState,
    { instance, ...options }: CallOptions & InstanceOption = {},
  ): Promise<Registration> {
    const body = { draining, reason, forMs };
    const at = `${registrationPath(address)}/state${queryOf({ instance })}`;
    return this.#calls.write('PUT', at, { body, ...options });
  }

  /**
   * Takes an instance offline because its health check failed (`unhealthy`: the message of the check), or back online
   * (null). It stays registered, and must still be renewed. Throws like {@link setState}.
   */
  async setHealth(
    address: Address,
    unhealthy: string | null,
    { instance, ...options }: CallOptions & InstanceOption = {},
  ): Promise<void> {
    const at = `${registrationPath(address)}/health${queryOf({ instance })}`;
    await this.#calls.write('PUT', at, { body: { unhealthy }, ...options });
  }

  /**
   * Keeps a registration online until `stop`: renews it, registers it again if it was forgotten, and moves to the next
   * server if one does not answer. `await using` stops it at the end of the block.
   *
   *     const lease = client.hold({ app: 'web', version: '1.2.0', host: '10.0.0.5', port: 8080 });
   *     await lease.ready;
   *     process.once('SIGTERM', () => lease.stop().catch(() => undefined));
   *     for await (const state of lease) console.log(state.type);
   */
  hold(registration: Address & RegistrationOptions, options?: LeaseOptions): Lease {
    return new Lease(this, this.servers.urls.length, registration, options);
  }

  /** One registration that is online. Throws NotFoundError if it is not. */
  async registration(address: Address, options?: CallOptions): Promise<Registration> {
    return this.#calls.read('GET', registrationPath(address), options);
  }

  async registrations({ app, version, meta = {}, state }: Query = {}, options?: CallOptions): Promise<Registration[]> {
    const filter = new URLSearchParams(state === 'unhealthy' ? { state } : {});
    for (const [name, text] of Object.entries(meta)) filter.append(`meta.${name}`, text);
    const query = filter.size > 0 ? `?${filter.toString()}` : '';
    const listed = await this.#calls.read<Registration[]>('GET', path('registrations', app, version) + query, options);
    // A daemon of an earlier version lists those that are online.
    return state === 'unhealthy' ? listed.filter(({ unhealthy }) => unhealthy !== undefined) : listed;
  }

  /** Who this client is to the daemon, and what it may do. */
  async whoAmI(options?: CallOptions): Promise<WhoAmI> {
    return this.#calls.read('GET', '/whoami', options);
  }

  /** The registrations that a backend sends callers to now, with their weights. */
  async backendRegistrations(name: string, options: ResolveOptions = {}): Promise<Weighted[]> {
    return this.#calls.read('GET', membersPath('backends', name, options), options);
  }

  /** The registrations that a frontend sends callers to now, with their weights. Empty while it has no backend. */
  async resolve(frontend: string, options: ResolveOptions = {}): Promise<Weighted[]> {
    return this.#calls.read('GET', membersPath('frontends', frontend, options), options);
  }

  /**
   * Why callers of a frontend are, or are not, sent to a registration: `explain('web/1.0.0/10.0.0.5/80', 'www')`.
   * Throws NotFoundError if there is no such frontend.
   */
  async explain(registration: string, frontend: string, options?: CallOptions): Promise<ExplainAnswer> {
    return this.#calls.read('GET', `/explain${queryOf({ registration, frontend })}`, options);
  }

  /**
   * Follows the instances of a frontend, so that each request picks one without asking a daemon. It keeps the last good
   * ones while no daemon can be reached or trusted. Its event streams keep the process running until it is closed.
   *
   *     const pool = client.pool('www', { pick: 'least-pending' });
   *     await pool.ready;
   *     const instance = pool.pick();
   */
  pool(frontend: string, options: PoolOptions = {}): Pool {
    this.#views ??= new Views(this, options.timers ?? realTimers);
    return new Pool(this, this.#views, frontend, options);
  }

  /**
   * Which server answers the look-ups and sends the events of this client, and whether it can be trusted: the present
   * status, and each change until `signal` aborts.
   *
   *     for await (const { state, server, reason } of client.connection()) console.log(state, server, reason);
   */
  connection(signal?: AbortSignal): AsyncIterableIterator<ConnectionStatus & { dropped?: number }> {
    return this.servers.status.values(signal);
  }

  async status(options?: CallOptions): Promise<Status> {
    return this.#calls.read('GET', '/status', options);
  }

  /** Makes a daemon forget one that is gone for good. */
  async forgetDaemon(name: string, options?: CallOptions): Promise<void> {
    await this.#calls.remove(path('daemons', name), options);
  }

  async daemons(options?: CallOptions): Promise<DaemonInfo[]> {
    return this.#calls.read('GET', '/daemons', options);
  }

  /**
   * The changes of a daemon's view as they happen, beginning with a snapshot. The iteration survives lost connections
   * and moves to other servers; if it cannot resume, it begins with a snapshot again.
   *
   *     for await (const { event } of client.events({ app: 'web' })) console.log(event.type);
   */
  events(filter: EventFilter = {}, options: EventOptions = {}): AsyncGenerator<WatchedEvent, void, undefined> {
    return watchEvents(this.servers, filter, { ...options, timeoutMs: options.timeoutMs ?? this.#timeoutMs });
  }

  /** The same as changes only: without the present state (unless `initial`), and with derived changes after a gap. */
  changes(
    filter: EventFilter = {},
    { onSnapshot, onCondition, initial, ...options }: EventOptions & ChangesOptions = {},
  ): AsyncGenerator<SeenEvent, void, undefined> {
    return changesIn((related) => this.events(related, options), filter, {
      ...(onSnapshot && { onSnapshot }),
      ...(onCondition && { onCondition }),
      ...(initial !== undefined && { initial }),
    });
  }
}
