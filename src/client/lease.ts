/**
 * A registration that stays online until it is told to stop.
 *
 * What always holds:
 * 1. One request is in flight at a time (but for the one that drains), and once `stop` has begun, none but the deregistration is sent.
 * 2. While one of the servers answers, a renewal reaches it in time: renewals begin after a third of the
 *    TTL, and trying every server takes at most half of it.
 * 3. It gives up only where the very first registration is refused: then nothing has ever been online.
 * 4. A drain that no server could be told is told again with the next renewals, until one was.
 * 5. A callback that throws changes nothing: the error becomes a warning of the process.
 */

import { BenderError, NotFoundError } from '../model/errors.js';
import type {
  Address,
  RegisterAnswer,
  RegistrationOptions,
  RegistrationState,
} from '../model/registration.js';
import { renewEvery } from '../model/registration.js';
import type { Timers } from './timers.js';
import { realTimers } from './timers.js';

/** The part of the client that a lease uses. */
export interface Registrar {
  register(registration: Address & RegistrationOptions, call: { timeoutMs: number }): Promise<RegisterAnswer>;
  renew(address: Address, call: { timeoutMs: number; signal: AbortSignal }): Promise<void>;
  deregister(address: Address, call: { timeoutMs: number }): Promise<void>;
  setState(address: Address, state: RegistrationState, call: { timeoutMs: number }): Promise<unknown>;
}

export interface LeaseOptions {
  /** Called at the first registration, and whenever it had to be made again. */
  onRegistered?: (registration: RegisterAnswer) => void;
  /** Called when renewing begins to fail; it goes on trying. */
  onTrouble?: (error: unknown) => void;
  /** Called when renewing works again. */
  onRecovered?: () => void;
  timers?: Timers;
}

/** Until the first answer has told the TTL. */
const assumedTtl = 4000;

/** Milliseconds that each server has for a deregistration or a drain: the daemon takes up to 200 to tell the others. */
const commandTimeoutMs = 2000;

/** Even where the TTL asked for is nonsense, the daemon must have the time to say so. */
const shortestTimeoutMs = 100;

/** The share of the pace that chance takes off, so that what started together does not renew together. */
const jitter = 0.1;

export class Lease {
  /** The first registration. Rejects where it is refused; while no server answers, it waits. */
  readonly ready: Promise<RegisterAnswer>;

  readonly #registrar: Registrar;
  readonly #servers: number;
  readonly #registration: Address & RegistrationOptions;
  readonly #options: LeaseOptions;
  readonly #timers: Timers;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  #ttl: number;
  #renewEvery: number;
  /** Whether the last thing heard is that it is registered. */
  #registered = false;
  /** Whether a registration was sent, which may have arrived even if no answer has. */
  #sent = false;
  #troubled = false;
  #stopped: Promise<void> | undefined;
  /** Why it drains; undefined while it does not. */
  #draining: string | undefined;
  /** Whether the daemons may not know yet that it drains. */
  #drainUntold = false;

  /** @param servers  how many the registrar has to try */
  constructor(
    registrar: Registrar,
    servers: number,
    registration: Address & RegistrationOptions,
    options: LeaseOptions = {},
  ) {
    this.#registrar = registrar;
    this.#servers = servers;
    this.#registration = { instance: crypto.randomUUID(), ...registration };
    this.#options = options;
    this.#timers = options.timers ?? realTimers;
    this.#ttl = registration.ttl ?? assumedTtl;
    this.#renewEvery = renewEvery(this.#ttl);

    let running!: Promise<void>;
    this.ready = new Promise((resolve, reject) => {
      running = this.#run(resolve, reject);
    });
    this.#running = running;
    this.ready.catch(() => undefined); // Whoever does not wait for it does not want to hear of it.
  }

  /**
   * Has it left out of load balancing from now on, while it goes on renewing; also where it has to be registered
   * again. Answers whether there is anything to drain. Throws UnreachableError if no server could be told; the next
   * renewals try again.
   */
  async drain(reason: string): Promise<boolean> {
    this.#draining = reason;
    this.#drainUntold = true;
    if (!this.#registered) return false;
    await this.#tellDraining();
    return true;
  }

  /**
   * Ends renewing, then deregisters. What is not registered any more is fine; throws UnreachableError where
   * no server could be told, and the registration lapses with its TTL.
   */
  stop(): Promise<void> {
    return (this.#stopped ??= this.#stop());
  }

  async #stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    if (!this.#sent) return;
    await this.#registrar
      .deregister(this.#registration, { timeoutMs: commandTimeoutMs })
      .catch((error: unknown) => {
        if (!(error instanceof NotFoundError)) throw error;
      });
  }

  async #run(resolve: (answer: RegisterAnswer) => void, reject: (error: unknown) => void): Promise<void> {
    const { signal } = this.#stopping;
    let everRegistered = false;
    while (!signal.aborted) {
      const begun = this.#timers.now();
      try {
        if (this.#registered) await this.#renew();
        else resolve(await this.#register());
        everRegistered = true;
        if (this.#drainUntold) await this.#tellDraining();
        this.#recovered();
        const pace = this.#renewEvery * (1 - jitter * this.#timers.random());
        await this.#timers.sleep(Math.max(0, begun + pace - this.#timers.now()), signal);
      } catch (error) {
        if (!everRegistered && isRefusal(error)) {
          this.#sent = false;
          return reject(error);
        }
        const forgotten = this.#registered && error instanceof NotFoundError;
        if (forgotten) this.#registered = false;
        else if (!signal.aborted) await this.#trouble(error);
      }
    }
    reject(new Error('stopped before it was registered'));
  }

  async #register(): Promise<RegisterAnswer> {
    this.#sent = true;
    const answer = await this.#registrar.register(this.#registration, { timeoutMs: this.#timeoutMs });
    this.#registered = true;
    this.#ttl = answer.ttl;
    this.#renewEvery = answer.renewEvery;
    this.#drainUntold = this.#draining !== undefined;
    call(() => this.#options.onRegistered?.(answer));
    return answer;
  }

  async #tellDraining(): Promise<void> {
    const state = { draining: true, ...(this.#draining !== undefined && { reason: this.#draining }) };
    await this.#registrar
      .setState(this.#registration, state, { timeoutMs: commandTimeoutMs })
      .catch((error: unknown) => {
        // It was forgotten, and is drained when it has been registered again.
        if (!(error instanceof NotFoundError)) throw error;
      });
    this.#drainUntold = false;
  }

  async #renew(): Promise<void> {
    await this.#registrar.renew(this.#registration, {
      timeoutMs: this.#timeoutMs,
      signal: this.#stopping.signal,
    });
  }

  /** What one server has for an answer, so that a turn over all of them fits into half the TTL. */
  get #timeoutMs(): number {
    const share = this.#ttl / Math.max(4, 2 * this.#servers);
    return Math.min(Math.max(share, shortestTimeoutMs), 5000);
  }

  async #trouble(error: unknown): Promise<void> {
    if (!this.#troubled) call(() => this.#options.onTrouble?.(error));
    this.#troubled = true;
    await this.#timers.sleep(Math.min(1000, this.#ttl / 16), this.#stopping.signal);
  }

  #recovered(): void {
    if (this.#troubled) call(() => this.#options.onRecovered?.());
    this.#troubled = false;
  }
}

/** Whether a daemon has understood the registration and does not want it, so that trying again is no use. */
const isRefusal = (error: unknown): boolean =>
  error instanceof BenderError && error.code !== 'UNREACHABLE' && error.code !== 'INTERNAL';

/** Calls a callback of the user. What it throws must not end the renewals: it becomes a warning of the process. */
function call(callback: () => void): void {
  try {
    callback();
  } catch (error) {
    process.emitWarning(error instanceof Error ? error : String(error));
  }
}
