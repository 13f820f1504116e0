/**
 * A registration that is kept online until `stop`.
 *
 * What always holds:
 * 1. One request is in flight at a time (but for the one that drains), and once `stop` has begun, none but the
 *    deregistration is sent.
 * 2. While one of the servers answers, a renewal reaches it in time: renewals begin after a third of the TTL, and
 *    trying all servers takes at most half of it.
 * 3. It gives up only if the very first registration is refused: then nothing has ever been online.
 * 4. A drain that could not be sent to any server is sent again with the next renewals.
 * 5. A callback that throws changes nothing: the error becomes a warning of the process.
 * 6. Its states, and so its callbacks, tell each change once.
 * 7. All its requests after the registration name its own instance. If another instance registers at its address, this
 *    one is replaced: it waits, and registers again only when nothing is registered there.
 */

import { BenderError, NotFoundError, ReplacedError, UnreachableError } from '../model/errors.js';
import type { Address, RegisterAnswer, RegistrationOptions } from '../model/registration.js';
import { renewEvery } from '../model/registration.js';
import { type HealthCheck, type Probe, probeOf, runChecks } from './health.js';
import type { LeaseOptions, Registrar } from './lease-options.js';
import { type LeaseState, LeaseStates } from './lease-states.js';
import type { Timers } from './timers.js';
import { realTimers } from './timers.js';
import { warn } from './warnings.js';

/** Assumed until the first answer has the TTL. */
const assumedTtlMs = 4000;

/** The timeout of a deregistration or a drain at each server. The daemon takes up to 200 ms to tell the others. */
const commandTimeoutMs = 2000;

/** Even if the requested TTL is invalid, the daemon must have the time to refuse it. */
const shortestTimeoutMs = 100;

/** How often to check whether the instance that replaced this one is still registered. */
const replacedPollMs = 500;

/** The part of the period that is random, so that instances that started together do not renew together. */
const jitter = 0.1;

export class Lease {
  /**
   * The first registration. Rejects with the error of a daemon that refuses it, or with UnreachableError if it is
   * stopped before; waits while no server answers.
   */
  readonly ready: Promise<RegisterAnswer>;

  readonly #registrar: Registrar;
  readonly #servers: number;
  readonly #registration: Address & RegistrationOptions & { instance: string };
  readonly #states: LeaseStates;
  readonly #timers: Timers;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  #ttl: number;
  #renewEvery: number;
  /** The state as of the last answer. */
  #standing: 'unknown' | 'registered' | 'replaced' = 'unknown';
  /** Whether a registration was sent. It may have arrived even without an answer. */
  #sent = false;
  #stopped: Promise<void> | undefined;
  /** Why it drains; undefined while it does not. */
  #draining: string | undefined;
  /** Whether the daemons may not know yet that it drains. */
  #drainUntold = false;
  /** The message of its health check; null while it is healthy, undefined without a check. */
  #unhealthy: string | null | undefined;
  /** Whether the daemons may not know that yet. */
  #healthUntold = false;
  /** Ends the pause between two renewals. */
  #waking = new AbortController();

  /** @param servers  how many servers the registrar may have to try */
  constructor(
    registrar: Registrar,
    servers: number,
    registration: Address & RegistrationOptions,
    options: LeaseOptions = {},
  ) {
    // Throws for a malformed check, before anything is registered that nothing could stop.
    const probe = options.check && probeOf(options.check.check, registration);
    this.#registrar = registrar;
    this.#servers = servers;
    this.#registration = { ...registration, instance: registration.instance ?? crypto.randomUUID() };
    this.#states = new LeaseStates(options);
    this.#timers = options.timers ?? realTimers;
    this.#ttl = registration.ttl ?? assumedTtlMs;
    this.#renewEvery = renewEvery(this.#ttl);

    let running!: Promise<void>;
    this.ready = new Promise((resolve, reject) => {
      running = this.#run(resolve, reject);
    });
    this.#running = running.catch(warn);
    if (options.check && probe) this.#check(options.check, probe).catch(warn);
    this.ready.catch(() => undefined); // A caller that does not await it does not need the error.
  }

  /**
   * Drains the instance: it is left out of load balancing from now on, but still renewed, and drained again if it has
   * to be registered again. Resolves with whether there is anything to drain. Throws UnreachableError if no server
   * could be reached; the next renewals try again.
   */
  async drain(reason: string): Promise<boolean> {
    this.#draining = reason;
    this.#drainUntold = true;
    if (this.#standing !== 'registered') return false;
    await this.#tellDraining();
    return true;
  }

  /**
   * Reports the health of this instance: a text takes it offline, null back online. It is sent at once, and again until
   * a server has answered.
   */
  report(unhealthy: string | null): void {
    if (unhealthy === (this.#unhealthy ?? null)) return;
    this.#unhealthy = unhealthy;
    this.#states.health(unhealthy);
    this.#healthUntold = true;
    this.#waking.abort();
  }

  /**
   * Stops renewing, then deregisters. It does not matter if it is no longer registered. Throws UnreachableError if no
   * server could be reached: then the registration expires with its TTL.
   */
  stop(): Promise<void> {
    return (this.#stopped ??= this.#stop().then(
      () => this.#states.end({ type: 'stopped' }),
      (error: unknown) => {
        this.#states.end({ type: 'stopped', error });
        throw error;
      },
    ));
  }

  /**
   * What happens to the registration, for `for await`: its present state, and all that follow. The iteration ends after
   * `stop`, after a refusal, or when `signal` aborts; it never throws. There may be several. A consumer that is
   * {@link mostWaiting} states behind loses the oldest ones (`dropped`), and never the latest.
   *
   * While it is iterated, the registration is looked up after each renewal, for an operator's decision to drain it.
   *
   *     for await (const state of lease.states()) console.log(state.type, state.isDraining);
   */
  states({ signal }: { signal?: AbortSignal | undefined } = {}): AsyncIterableIterator<LeaseState> {
    return this.#states.values(signal);
  }

  /** The same as {@link states}: `for await (const state of lease)`. */
  [Symbol.asyncIterator](): AsyncIterableIterator<LeaseState> {
    return this.states();
  }

  /** For `await using`: `stop`. If no daemon could be told, it does not reject; the last state has the error. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop().catch(() => undefined);
  }

  async #stop(): Promise<void> {
    this.#stopping.abort();
    this.#waking.abort();
    await this.#running;
    if (!this.#sent) return;
    await this.#registrar.deregister(this.#registration, this.#command).catch((error: unknown) => {
      if (!(error instanceof NotFoundError)) throw error;
    });
  }

  async #run(resolve: (answer: RegisterAnswer) => void, reject: (error: unknown) => void): Promise<void> {
    const { signal } = this.#stopping;
    let everRegistered = false;
    while (!signal.aborted) {
      const begun = this.#timers.now();
      try {
        if (this.#standing === 'unknown') resolve(await this.#register());
        else await this.#renew();
        everRegistered = true;
        if (this.#drainUntold) await this.#tellDraining();
        if (this.#healthUntold) await this.#tellHealth();
        this.#states.answeredBy(this.#registrar.servers?.current);
        this.#states.working();
        await this.#lookUp();
        const pace = this.#renewEvery * (1 - jitter * this.#timers.random());
        await this.#pause(begun + pace - this.#timers.now());
      } catch (error) {
        if (!everRegistered && isRefusal(error)) {
          this.#sent = false;
          this.#states.end({ type: 'refused', error });
          return reject(error);
        }
        if (error instanceof ReplacedError) await this.#replaced(error);
        else if (this.#standing !== 'unknown' && error instanceof NotFoundError) this.#standing = 'unknown';
        else if (!signal.aborted) await this.#trouble(error);
      }
    }
    reject(new UnreachableError('it was stopped before a daemon had answered'));
  }

  async #register(): Promise<RegisterAnswer> {
    this.#sent = true;
    const unhealthy = this.#unhealthy;
    const answer = await this.#registrar.register(
      { ...this.#registration, ...(unhealthy && { unhealthy }) },
      { timeoutMs: this.#timeoutMs },
    );
    this.#standing = 'registered';
    if (unhealthy === this.#unhealthy) this.#healthUntold = false;
    this.#ttl = answer.ttl;
    this.#renewEvery = answer.renewEvery;
    this.#drainUntold = this.#draining !== undefined;
    this.#states.answeredBy(this.#registrar.servers?.current);
    this.#states.registered(answer);
    return answer;
  }

  async #tellDraining(): Promise<void> {
    const reason = this.#draining;
    const state = { draining: true, ...(reason !== undefined && { reason }) };
    await this.#registrar.setState(this.#registration, state, this.#command).then(
      () => this.#states.drain(true, reason),
      (error: unknown) => {
        // It was forgotten, and is drained once it is registered again.
        if (!(error instanceof NotFoundError)) throw error;
      },
    );
    this.#drainUntold = false;
  }

  /** Runs the health check from the first registration on. */
  async #check(check: HealthCheck, probe: Probe): Promise<void> {
    if (!(await this.ready.catch(() => undefined))) return;
    const report = (unhealthy: string | null): void => this.report(unhealthy);
    await runChecks(probe, check, report, this.#timers, this.#stopping.signal);
  }

  async #tellHealth(): Promise<void> {
    const unhealthy = this.#unhealthy ?? null;
    await this.#registrar.setHealth(this.#registration, unhealthy, this.#command);
    if (unhealthy === (this.#unhealthy ?? null)) this.#healthUntold = false;
  }

  async #renew(): Promise<void> {
    const { instance } = this.#registration;
    await this.#registrar.renew(this.#registration, {
      instance,
      timeoutMs: this.#timeoutMs,
      signal: this.#stopping.signal,
    });
    this.#standing = 'registered';
  }

  /** Has the states tell of an operator's decision to drain it, of which a renewal says nothing. */
  async #lookUp(): Promise<void> {
    if (!this.#states.areRead || this.#drainUntold) return;
    const call = { timeoutMs: this.#timeoutMs, signal: this.#stopping.signal };
    const found = await this.#registrar.registration?.(this.#registration, call).catch(() => undefined);
    if (found?.instance === this.#registration.instance) this.#states.drain(found.draining, found.drainReason);
  }

  async #replaced({ replacedBy }: ReplacedError): Promise<void> {
    if (this.#standing !== 'replaced') this.#states.replaced(replacedBy);
    this.#standing = 'replaced';
    this.#states.working();
    await this.#pause(Math.min(replacedPollMs, this.#renewEvery));
  }

  /** Waits, unless this lease is stopped or has something to send. */
  async #pause(ms: number): Promise<void> {
    if (this.#stopping.signal.aborted || (this.#healthUntold && this.#standing === 'registered')) return;
    this.#waking = new AbortController();
    await this.#timers.sleep(Math.max(0, ms), this.#waking.signal);
  }

  /** The options of a drain, a health report or the deregistration. */
  get #command(): { instance: string; timeoutMs: number } {
    return { instance: this.#registration.instance, timeoutMs: commandTimeoutMs };
  }

  /** The timeout at one server, so that trying all of them fits into half the TTL. */
  get #timeoutMs(): number {
    const share = this.#ttl / Math.max(4, 2 * this.#servers);
    return Math.min(Math.max(share, shortestTimeoutMs), 5000);
  }

  async #trouble(error: unknown): Promise<void> {
    this.#states.failing(error);
    await this.#timers.sleep(Math.min(1000, this.#ttl / 16), this.#stopping.signal);
  }
}

/** Whether a daemon has refused the registration, so that trying again is of no use. */
const isRefusal = (error: unknown): boolean =>
  error instanceof BenderError && error.code !== 'UNREACHABLE' && error.code !== 'INTERNAL';
