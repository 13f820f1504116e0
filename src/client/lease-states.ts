/** The states of a registration that is held: what happens to it, told to callbacks and to `for await`. */

import type { RegisterAnswer } from '../model/registration.js';
import { Broadcast, type Delivered } from './broadcast.js';
import { call } from './warnings.js';

declare global {
  /** For programs that are compiled without `lib: esnext.disposable` and the types of Node. */
  interface SymbolConstructor {
    readonly asyncDispose: unique symbol;
  }
}

/** What has happened to a registration that is held. */
export type LeaseChange =
  /** No daemon has answered yet. */
  | { type: 'registering' }
  /** It is online, for the first time. */
  | { type: 'registered'; registration: RegisterAnswer }
  /** The daemons had forgotten it, or the instance that had replaced it has ended. */
  | { type: 'registered-again'; registration: RegisterAnswer }
  /** Registering or renewing fails since then (Unix ms). Without success, the registration expires with its TTL. */
  | { type: 'renewing-fails'; error: unknown; since: number }
  /** It is renewed again, after so many milliseconds. */
  | { type: 'recovered'; failedForMs: number }
  /** Another server takes the renewals now. */
  | { type: 'moved'; from: string; to: string }
  /** Its check fails, so that it is offline; the problem is in `unhealthy`. */
  | { type: 'unhealthy' }
  /** Its check passes again, so that it is online. */
  | { type: 'healthy' }
  /** It is left out of load balancing: by `lease.drain`, or by an operator. */
  | { type: 'draining'; reason?: string }
  /** It is no longer left out of load balancing. */
  | { type: 'undrained' }
  /** The registration `by` has its address. It waits for that to end, and then registers again. */
  | { type: 'replaced'; by: string }
  /** A daemon has refused the first registration. This is the last state. */
  | { type: 'refused'; error: unknown }
  /** `stop` has ended it. This is the last state. With an `error`, no daemon could be told: it expires with its TTL. */
  | { type: 'stopped'; error?: unknown };

/** How it is after a change. Each state says all of it, so that nothing of it is lost if states are dropped. */
export interface LeasePicture {
  /** Unix ms of the change. */
  at: number;
  /** Whether it is registered, as of the last answer. */
  standing: 'registering' | 'registered' | 'replaced' | 'ended';
  /** Whether registering or renewing fails at present. */
  isFailing: boolean;
  /** Whether it is left out of load balancing. */
  isDraining: boolean;
  /** The problem that its check has found; null while there is none. */
  unhealthy: string | null;
  /** The server that has answered last. */
  server?: string;
}

export type LeaseState = Delivered<LeaseChange & LeasePicture>;

/** The callbacks of a lease. */
export interface LeaseCallbacks {
  /** Called at the first registration and at each repeated one. */
  onRegistered?: ((registration: RegisterAnswer) => void) | undefined;
  /** Called when renewing begins to fail; it goes on trying. */
  onTrouble?: ((error: unknown) => void) | undefined;
  /** Called when renewing works again. */
  onRecovered?: (() => void) | undefined;
  /** Called with the id of the registration that has replaced this one; the lease waits for it to end. */
  onReplaced?: ((by: string) => void) | undefined;
  /** Called when the health changes, with the problem or null. */
  onHealth?: ((unhealthy: string | null) => void) | undefined;
}

/** Knows the present state of a lease, and tells of its changes. A change to what it is already is none. */
export class LeaseStates {
  readonly #callbacks: LeaseCallbacks;
  readonly #wallNow: () => number;
  readonly #broadcast: Broadcast<LeaseState>;
  #picture: Omit<LeasePicture, 'at'> = {
    standing: 'registering',
    isFailing: false,
    isDraining: false,
    unhealthy: null,
  };
  #failingSince = 0;
  #wasRegistered = false;

  /** @param wallNow  Unix ms */
  constructor(callbacks: LeaseCallbacks, wallNow = Date.now) {
    this.#callbacks = callbacks;
    this.#wallNow = wallNow;
    this.#broadcast = new Broadcast<LeaseState>({ type: 'registering', at: wallNow(), ...this.#picture });
  }

  /** Whether anything reads the states. */
  get areRead(): boolean {
    return this.#broadcast.isRead;
  }

  /** The present state and all that follow. */
  values(signal?: AbortSignal): AsyncIterableIterator<LeaseState> {
    return this.#broadcast.values(signal);
  }

  /** `server` has answered. */
  answeredBy(server: string | undefined): void {
    const from = this.#picture.server;
    if (server === undefined || server === from) return;
    this.#picture.server = server;
    if (from !== undefined) this.#tell({ type: 'moved', from, to: server });
  }

  registered(registration: RegisterAnswer): void {
    const type = this.#wasRegistered ? 'registered-again' : 'registered';
    this.#wasRegistered = true;
    this.#picture.standing = 'registered';
    // It is another life if the daemons had forgotten it; a drain is told again.
    this.#picture.isDraining = registration.draining;
    this.#tell({ type, registration });
    call(() => this.#callbacks.onRegistered?.(registration));
  }

  failing(error: unknown): void {
    if (this.#picture.isFailing) return;
    this.#picture.isFailing = true;
    this.#failingSince = this.#wallNow();
    this.#tell({ type: 'renewing-fails', error, since: this.#failingSince });
    call(() => this.#callbacks.onTrouble?.(error));
  }

  working(): void {
    if (!this.#picture.isFailing) return;
    this.#picture.isFailing = false;
    this.#tell({ type: 'recovered', failedForMs: this.#wallNow() - this.#failingSince });
    call(() => this.#callbacks.onRecovered?.());
  }

  replaced(by: string): void {
    this.#picture.standing = 'replaced';
    this.#tell({ type: 'replaced', by });
    call(() => this.#callbacks.onReplaced?.(by));
  }

  health(unhealthy: string | null): void {
    if (unhealthy === this.#picture.unhealthy) return;
    this.#picture.unhealthy = unhealthy;
    this.#tell({ type: unhealthy === null ? 'healthy' : 'unhealthy' });
    call(() => this.#callbacks.onHealth?.(unhealthy));
  }

  drain(isDraining: boolean, reason?: string): void {
    if (isDraining === this.#picture.isDraining) return;
    this.#picture.isDraining = isDraining;
    if (isDraining) this.#tell({ type: 'draining', ...(reason !== undefined && { reason }) });
    else this.#tell({ type: 'undrained' });
  }

  /** The last state. */
  end(change: LeaseChange & { type: 'refused' | 'stopped' }): void {
    this.#picture.standing = 'ended';
    this.#broadcast.end({ ...change, at: this.#wallNow(), ...this.#picture });
  }

  #tell(change: LeaseChange): void {
    this.#broadcast.send({ ...change, at: this.#wallNow(), ...this.#picture });
  }
}
