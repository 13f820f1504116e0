/**
 * A service of this process: a server that listens, and the registration of its address.
 *
 * What always holds:
 * 1. It is registered while the server listens, and at no other time.
 * 2. It ends in this order: it drains, and its responses end their connections; callers have `drainForMs` to follow; it
 *    is deregistered; the server closes, and waits for what is under way; what is left after `closeWithinMs` is ended.
 * 3. No daemon is needed for any of that: what cannot be told lapses with the TTL.
 */

import type { Address, RegisterAnswer, RegistrationId, RegistrationOptions } from '../../model/registration.js';
import { formatId } from '../../model/registration.js';
import type { Client } from '../client.js';
import type { LeaseOptions } from '../lease-options.js';
import type { Lease } from '../lease.js';
import { realTimers, type Timers } from '../timers.js';
import { warn } from '../warnings.js';
import { stopSignals } from './signals.js';

export interface ServiceOptions extends Pick<RegistrationOptions, 'ttl' | 'meta' | 'instance'>, LeaseOptions {
  /** Default: `new Client()`, so the daemon at http://127.0.0.1:1729. */
  client?: Pick<Client, 'hold' | 'servers'> | undefined;
  app: string;
  version: string;
  /**
   * Where callers reach the service, if that is not where its server listens: behind NAT, or a port of a container.
   * Default: the address at which it listens; if these are all addresses, the one at which others reach this machine.
   */
  host?: string | undefined;
  port?: number | undefined;
  /**
   * Milliseconds that callers have to follow, after the service drains and before it is deregistered; default 2000. It
   * is long enough if the slowest of them follows: watchers take milliseconds, load balancers a second, DNS its TTL.
   */
  drainForMs?: number | undefined;
  /** Milliseconds that requests have which are under way when the server closes; default 10,000. */
  closeWithinMs?: number | undefined;
  /**
   * The signals that stop the service; default SIGTERM and SIGINT. None: the program calls `stop`. When the service has
   * ended, the process ends by the signal, unless the program has a listener of its own for it. A repeated signal cuts
   * short the wait for callers, another one ends the requests that are under way.
   */
  signals?: readonly NodeJS.Signals[] | undefined;
}

/** The server of a service, as far as its end is concerned. */
export interface Door {
  /** Whether it accepts connections. */
  isOpen(): boolean;
  /** Whether answers end their connections. */
  sendAway(wanted: boolean): void;
  /** Stops listening. Resolves when no connection is left. */
  close(): Promise<void>;
  /** Ends the connections that are left. */
  destroy(): void;
}

const defaultSignals = ['SIGTERM', 'SIGINT'] as const;

/** A service that is registered while its server listens. `runService` makes one. */
export class Service {
  /** Its registration, for `states`, `drain` and `report`. */
  readonly lease: Lease;
  /** Its registration's id. */
  readonly id: RegistrationId;
  /** Where callers are sent. */
  readonly address: Address;
  /** Resolves when it has ended, for whatever reason; never rejects. */
  readonly closed: Promise<void>;

  readonly #door: Door;
  readonly #drainForMs: number;
  readonly #closeWithinMs: number;
  readonly #timers: Timers;
  readonly #forgetSignals: () => void;
  readonly #drained = new AbortController();
  readonly #closing = new AbortController();
  #resolveClosed!: () => void;
  #stopped: Promise<void> | undefined;
  #deregistered: Promise<void> | undefined;

  /** @param address  where callers reach the server, which listens already */
  constructor(door: Door, address: Address, client: Pick<Client, 'hold'>, options: ServiceOptions) {
    const { ttl, meta, instance, drainForMs = 2000, closeWithinMs = 10_000, signals = defaultSignals } = options;
    this.#door = door;
    this.#drainForMs = drainForMs;
    this.#closeWithinMs = closeWithinMs;
    this.#timers = options.timers ?? realTimers;
    this.address = address;
    this.id = formatId(address);
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    const registration = {
      ...address,
      ...(ttl !== undefined && { ttl }),
      ...(meta && { meta }),
      ...(instance !== undefined && { instance }),
    };
    this.lease = client.hold(registration, options);
    this.#follow().catch(warn);
    this.#forgetSignals = stopSignals.stopOn(signals, this);
  }

  /** The first registration. Rejects if a daemon refuses it; waits while none answers. */
  get ready(): Promise<RegisterAnswer> {
    return this.lease.ready;
  }

  /**
   * Drains, waits for callers to follow, deregisters, and closes the server. Resolves when no connection is left, and
   * never rejects.
   *
   * @param reason  why, for operators: `bender ls` shows it
   */
  stop(reason = 'stopping'): Promise<void> {
    return (this.#stopped ??= this.#stop(reason));
  }

  /** Ends the registration, and leaves the server as it is: for a program that closes it by itself. */
  deregister(): Promise<void> {
    return (this.#deregistered ??= this.#deregister());
  }

  /** Cuts short what `stop` waits for: first for callers to follow, then for requests that are under way. */
  hurry(): void {
    if (this.#drained.signal.aborted) this.#closing.abort();
    this.#drained.abort();
  }

  /** For `await using`: `stop`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Whether it ends, or has ended. */
  get isEnding(): boolean {
    return (this.#stopped ?? this.#deregistered) !== undefined;
  }

  async #stop(reason: string): Promise<void> {
    if (this.#door.isOpen()) {
      this.#door.sendAway(true);
      const { signal } = this.#drained;
      const told = this.lease.drain(reason).catch(() => false);
      const isDrained = await Promise.race([told, aborted(signal)]);
      if (isDrained) await this.#timers.sleep(this.#drainForMs, signal);
    }
    // From now on a hurry is about the requests that are under way.
    this.#drained.abort();
    await this.deregister();
    await this.#close();
    this.#end();
  }

  async #deregister(): Promise<void> {
    await this.lease.stop().catch(() => undefined); // The last state of the lease has the error.
    if (!this.#stopped) this.#end();
  }

  #end(): void {
    this.#forgetSignals();
    this.#resolveClosed();
  }

  async #close(): Promise<void> {
    const closed = this.#door.close().then(() => true);
    const late = this.#timers.sleep(this.#closeWithinMs, this.#closing.signal).then(() => false);
    if (!(await Promise.race([closed, late]))) this.#door.destroy();
    await closed;
    this.#closing.abort();
  }

  /** An operator's drain counts like one of its own. */
  async #follow(): Promise<void> {
    for await (const { isDraining } of this.lease) this.#door.sendAway(isDraining || this.#stopped !== undefined);
  }
}

const aborted = (signal: AbortSignal): Promise<false> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(false);
    signal.addEventListener('abort', () => resolve(false), { once: true });
  });
