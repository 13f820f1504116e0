/** What a lease needs and takes: the part of the client that it uses, and its options. */

import type {
  Address,
  InstanceOption,
  RegisterAnswer,
  Registration,
  RegistrationOptions,
  RegistrationState,
} from '../model/registration.js';
import type { HealthCheck } from './health.js';
import type { LeaseCallbacks } from './lease-states.js';
import type { Timers } from './timers.js';

/** The part of the client that a lease uses. */
export interface Registrar {
  register(registration: Address & RegistrationOptions, call: { timeoutMs: number }): Promise<RegisterAnswer>;
  renew(address: Address, call: LeaseCall & { signal: AbortSignal }): Promise<void>;
  deregister(address: Address, call: LeaseCall): Promise<void>;
  setState(address: Address, state: RegistrationState, call: LeaseCall): Promise<unknown>;
  setHealth(address: Address, unhealthy: string | null, call: LeaseCall): Promise<unknown>;
  /** Looks it up, so that its states tell of an operator's decision. */
  registration?(address: Address, call: { timeoutMs: number; signal: AbortSignal }): Promise<Registration>;
  /** Which server has answered last. */
  readonly servers?: { readonly current: string };
}

type LeaseCall = InstanceOption & { timeoutMs: number };

export interface LeaseOptions extends LeaseCallbacks {
  /** Takes it offline while the check fails; from the first registration on. */
  check?: HealthCheck | undefined;
  timers?: Timers | undefined;
}
