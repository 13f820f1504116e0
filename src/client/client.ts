/**
 * The HTTP API as typed methods. Given several servers, it stays with the one that answers and moves to
 * the next when that cannot be reached, takes too long or is not ready.
 */

import type {
  Backend,
  BackendChange,
  BackendFields,
  Frontend,
  FrontendChange,
  FrontendFields,
} from '../model/catalog.js';
import { authorHeader, encodeAuthor } from '../model/author.js';
import type { Edit, HistoryQuery, Shown } from '../model/history.js';
import type { DaemonInfo, Status } from '../model/daemon.js';
import type {
  Address,
  RegisterAnswer,
  Registration,
  RegistrationOptions,
  RegistrationState,
} from '../model/registration.js';
import type { Weighted } from '../model/weights.js';
import { readAnswer, toFailure } from './answers.js';
import type { ChangesOptions } from './changes.js';
import { changesIn } from './changes.js';
import type { EventFilter, EventOptions, WatchedEvent } from './events.js';
import { watchEvents } from './events.js';
import type { HttpRequest } from './http.js';
import { exchange } from './http.js';
import type { LeaseOptions } from './lease.js';
import { Lease } from './lease.js';
import type { SeenEvent } from './picture.js';
import { Servers } from './servers.js';

export interface ClientOptions {
  /** Base URLs of daemons. Default: `http://127.0.0.1:1729`. */
  servers?: readonly string[];
  /** Milliseconds that one server has for an answer; default 5000. Higher waits longer for those that hang. */
  timeoutMs?: number;
  /** Who the catalog's history is to name for what is written; default: the address that the daemon sees. */
  author?: string;
}

/** For one call. */
export interface CallOptions {
  /** Instead of the client's. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** For pointing a backend somewhere. */
export interface SwitchOptions extends CallOptions {
  /** How many must be online for it and not draining; default 1. 0: whatever is online. */
  atLeast?: number;
}

/** Which edits of the catalog, the last ones first: of a backend, of a frontend, of either, or all. */
export type EditQuery = Partial<HistoryQuery>;

/**
 * Registrations of one app, or one app version (which may be a semver range), and with these metadata. Dots in
 * a name lead into objects: `{ 'rack.row': '3' }`.
 */
export type Query = (
  { app?: undefined; version?: undefined } | { app: string; version?: string | undefined }
) & { meta?: Readonly<Record<string, string>> | undefined };

/**
 *     const client = new Client({ servers: ['http://10.0.0.1:1729', 'http://10.0.0.2:1729'] });
 *     await client.registrations({ app: 'web', version: '^1.2.0' });
 */
export class Client {
  readonly servers: Servers;
  readonly #timeoutMs: number;

  /** Sent with what changes the catalog. */
  readonly #authorHeaders: Record<string, string>;

  constructor({ servers = [], timeoutMs = 5000, author }: ClientOptions = {}) {
    this.servers = new Servers(servers);
    this.#authorHeaders = author === undefined ? {} : { [authorHeader]: encodeAuthor(author) };
    this.#timeoutMs = timeoutMs;
  }

  /** Registers, renews or updates, whichever it is. */
  async register(
    registration: Address & RegistrationOptions,
    options?: CallOptions,
  ): Promise<RegisterAnswer> {
    return this.#call('POST', '/registrations', { body: registration, ...options });
  }

  /** Throws NotFoundError for what nobody knows: register it again. */
  async renew(address: Address, options?: CallOptions): Promise<void> {
    await this.#call('PUT', `${registrationPath(address)}/lease`, options);
  }

  /** Renews up to 10,000 registrations at once; answers the ids that nobody knows. */
  async renewAll(
    ids: readonly string[],
    options?: CallOptions,
  ): Promise<{ renewed: number; unknown: string[] }> {
    return this.#call('POST', '/renewals', { body: { ids }, ...options });
  }

  /** Throws NotFoundError for what nobody knows. */
  async deregister(address: Address, options?: CallOptions): Promise<void> {
    await this.#call('DELETE', registrationPath(address), options);
  }

  /**
   * Decides whether an instance is to be left out of load balancing. It stays so, whatever daemons come and
   * go, until it is decided otherwise or the registration ends. Throws NotFoundError for what nobody knows.
   *
   *     await client.setState(address, { draining: true, reason: 'kernel update' });
   */
  async setState(
    address: Address,
    { draining, reason }: RegistrationState,
    options?: CallOptions,
  ): Promise<Registration> {
    const body = { draining, reason };
    return this.#call('PUT', `${registrationPath(address)}/state`, { body, ...options });
  }

  /**
   * Keeps a registration online until it is told to stop: renews it, registers it again when it was
   * forgotten, moves to the next server when one does not answer.
   *
   *     const lease = client.hold({ app: 'web', version: '1.2.0', host: '10.0.0.5', port: 8080 });
   *     await lease.ready;
   *     process.once('SIGTERM', () => lease.stop());
   */
  hold(registration: Address & RegistrationOptions, options?: LeaseOptions): Lease {
    return new Lease(this, this.servers.urls.length, registration, options);
  }

  async registrations(
    { app, version, meta = {} }: Query = {},
    options?: CallOptions,
  ): Promise<Registration[]> {
    const filter = new URLSearchParams();
    for (const [name, text] of Object.entries(meta)) filter.append(`meta.${name}`, text);
    const query = filter.size > 0 ? `?${filter.toString()}` : '';
    return this.#call('GET', path('registrations', app, version) + query, options);
  }

  async backends(options?: CallOptions): Promise<Backend[]> {
    return this.#call('GET', '/backends', options);
  }

  async backend(name: string, options?: CallOptions): Promise<Shown<Backend>> {
    return this.#call('GET', path('backends', name), options);
  }

  /** Throws ConflictError where the name is in use. */
  async createBackend(fields: BackendFields, options?: CallOptions): Promise<Backend> {
    return this.#write('POST', '/backends', { body: fields, ...options });
  }

  /**
   * Changes the fields given; the others stay. Throws TooFewOnlineError where it would point at fewer registrations
   * than there must be.
   *
   *     await client.updateBackend('web', { split: { '1.2.0': 90, '1.3.0': 10 } }, { atLeast: 2 });
   */
  async updateBackend(
    name: string,
    change: BackendChange,
    { atLeast, ...options }: SwitchOptions = {},
  ): Promise<Backend> {
    return this.#write('PUT', path('backends', name) + termsQuery(atLeast), { body: change, ...options });
  }

  /**
   * Makes a backend what it was before its last edit. Throws like {@link updateBackend}; NotFoundError where it was
   * nothing else before, ConflictError where there were several edits at once.
   */
  async rollbackBackend(name: string, { atLeast, ...options }: SwitchOptions = {}): Promise<Backend> {
    return this.#write('POST', path('backends', name, 'rollback') + termsQuery(atLeast), options);
  }

  async deleteBackend(name: string, options?: CallOptions): Promise<void> {
    await this.#write('DELETE', path('backends', name), options);
  }

  /** The registrations that a backend sends callers to now, with their weights. */
  async backendRegistrations(name: string, options?: CallOptions): Promise<Weighted[]> {
    return this.#call('GET', path('backends', name, 'registrations'), options);
  }

  async frontends(options?: CallOptions): Promise<Frontend[]> {
    return this.#call('GET', '/frontends', options);
  }

  async frontend(name: string, options?: CallOptions): Promise<Shown<Frontend>> {
    return this.#call('GET', path('frontends', name), options);
  }

  /** Throws ConflictError where the name is in use. */
  async createFrontend(fields: FrontendFields, options?: CallOptions): Promise<Frontend> {
    return this.#write('POST', '/frontends', { body: fields, ...options });
  }

  /** Changes the fields given; the others stay. */
  async updateFrontend(name: string, change: FrontendChange, options?: CallOptions): Promise<Frontend> {
    return this.#write('PUT', path('frontends', name), { body: change, ...options });
  }

  async deleteFrontend(name: string, options?: CallOptions): Promise<void> {
    await this.#write('DELETE', path('frontends', name), options);
  }

  /** Where callers of a frontend go now, with their weights. Empty while it has no backend. */
  async resolve(frontend: string, options?: CallOptions): Promise<Weighted[]> {
    return this.#call('GET', path('frontends', frontend, 'registrations'), options);
  }

  /** Who changed which backends and frontends. */
  async history({ backend, frontend, limit }: EditQuery = {}, options?: CallOptions): Promise<Edit[]> {
    const filter = new URLSearchParams({
      ...(backend !== undefined && { backend }),
      ...(frontend !== undefined && { frontend }),
      ...(limit !== undefined && { limit: String(limit) }),
    });
    return this.#call('GET', `/history${filter.size > 0 ? `?${filter.toString()}` : ''}`, options);
  }

  async status(options?: CallOptions): Promise<Status> {
    return this.#call('GET', '/status', options);
  }

  /** Tells a daemon to count no more on one that is gone for good. */
  async forgetDaemon(name: string, options?: CallOptions): Promise<void> {
    await this.#call('DELETE', path('daemons', name), options);
  }

  async daemons(options?: CallOptions): Promise<DaemonInfo[]> {
    return this.#call('GET', '/daemons', options);
  }

  /**
   * The changes of a daemon's view as they happen, beginning with a snapshot. Goes on through lost
   * connections and over to other servers; what cannot be resumed begins with a snapshot again.
   *
   *     for await (const { event } of client.events({ app: 'web' })) console.log(event.type);
   */
  events(
    filter: EventFilter = {},
    options: EventOptions = {},
  ): AsyncGenerator<WatchedEvent, void, undefined> {
    return watchEvents(this.servers, filter, { timeoutMs: this.#timeoutMs, ...options });
  }

  /**
   * The same as changes alone: nothing for what is so already, and where events were missed, the changes
   * that they must have been.
   */
  changes(
    filter: EventFilter = {},
    { onSnapshot, onCondition, ...options }: EventOptions & ChangesOptions = {},
  ): AsyncGenerator<SeenEvent, void, undefined> {
    return changesIn((related) => this.events(related, options), filter, {
      ...(onSnapshot && { onSnapshot }),
      ...(onCondition && { onCondition }),
    });
  }

  /** A call that changes the catalog. */
  async #write<T>(method: HttpRequest['method'], path: string, options: Call = {}): Promise<T> {
    return this.#call(method, path, { ...options, headers: this.#authorHeaders });
  }

  async #call<T>(
    method: HttpRequest['method'],
    path: string,
    { timeoutMs = this.#timeoutMs, signal, ...rest }: Call = {},
  ): Promise<T> {
    return this.servers.first(async (server) => {
      const answer = await exchange(server, { method, path, timeoutMs, signal, ...rest }).catch(
        (error: unknown) => {
          signal?.throwIfAborted();
          throw toFailure(error);
        },
      );
      return readAnswer(answer) as T;
    });
  }
}

type Call = CallOptions & Pick<HttpRequest, 'body' | 'headers'>;

const termsQuery = (atLeast: number | undefined): string =>
  atLeast === undefined ? '' : `?at-least=${atLeast}`;

/** `/a/b/c`, each part encoded, up to the first that is undefined. */
function path(...parts: (string | number | undefined)[]): string {
  const end = parts.indexOf(undefined);
  return (end < 0 ? parts : parts.slice(0, end)).map((part) => `/${encodeURIComponent(part!)}`).join('');
}

const registrationPath = ({ app, version, host, port }: Address): string =>
  path('registrations', app, version, host, port);
