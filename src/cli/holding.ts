/** A registration that is held, and its lease. */

import type { Client, HealthCheck, Lease } from '../client/index.js';
import type { Address, RegisterAnswer, RegistrationOptions } from '../model/registration.js';
import { toFailure } from './exit-codes.js';
import { notice } from './notice.js';

/** A held registration, as the code that holds it sees it. */
export type Held = Pick<Lease, 'ready' | 'stop' | 'drain'>;

export interface Holding {
  client: Client;
  registration: Address & RegistrationOptions;
  /** How it is checked, wherever it is registered. */
  check?: ((at: Address) => HealthCheck) | undefined;
  /** Whether the host is an address of this machine that was found rather than given: then it follows changes. */
  followsMachine: boolean;
  /** Called with the first registration. */
  onFirst: (registered: RegisterAnswer) => void;
}

export const tellStopFailure = (error: unknown): void =>
  notice(`could not deregister, it lapses with its TTL: ${toFailure(error).message}`);
