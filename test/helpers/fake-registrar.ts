/** The part of a client that a lease uses, without a network. */

import type { Client } from '../../src/client/client.js';
import { Lease } from '../../src/client/lease.js';
import type { Registrar } from '../../src/client/lease-options.js';
import { Servers } from '../../src/client/servers.js';
import { NotFoundError, UnreachableError } from '../../src/model/errors.js';
import type {
  Address,
  RegisterAnswer,
  Registration,
  RegistrationOptions,
  RegistrationState,
} from '../../src/model/registration.js';
import { formatId, renewEvery } from '../../src/model/registration.js';
import { VirtualTimers } from './virtual-timers.js';

export const address = { app: 'web', version: '1.2.0', host: '10.0.0.5', port: 8080 };
export const unreachable = new UnreachableError('nobody there');

type Call = { timeoutMs: number; instance?: string | undefined };

/** Says yes to everything, until a test makes the next calls fail; knows when each call was made. */
export class FakeRegistrar implements Registrar {
  readonly calls: string[] = [];
  readonly timeouts: number[] = [];
  readonly instances: (string | undefined)[] = [];
  /** What the next calls fail with; undefined: this one does not. */
  failures: (Error | undefined)[] = [];
  ttl = 3000;
  servers = { current: 'http://a' };
  /** What a look-up finds beside the address; undefined: nothing is registered. */
  found: Pick<Registration, 'draining' | 'drainReason'> | undefined = { draining: false };
  lookUps = 0;

  constructor(private readonly timers: VirtualTimers) {}

  async register(registration: Address & RegistrationOptions, call: { timeoutMs: number }): Promise<RegisterAnswer> {
    const { unhealthy } = registration;
    this.#note(unhealthy ? `register ${unhealthy}` : 'register', call.timeoutMs);
    this.instances.push(registration.instance);
    const { ttl } = this;
    return {
      ...{ resource: 'Registration', id: formatId(address), meta: {}, draining: false, registered: 0 },
      ...{ ...address, ttl, renewEvery: renewEvery(ttl) },
    };
  }

  async renew(_: Address, call: Call): Promise<void> {
    this.instances.push(call.instance);
    this.#note('renew', call.timeoutMs);
  }

  async deregister(_: Address, call: Call): Promise<void> {
    this.instances.push(call.instance);
    this.#note('deregister', 0);
  }

  async setState(_: Address, { draining, reason }: RegistrationState, call: Call): Promise<void> {
    this.instances.push(call.instance);
    this.#note(`draining:${draining} ${reason}`, 0);
  }

  async setHealth(_: Address, unhealthy: string | null, call: Call): Promise<void> {
    this.instances.push(call.instance);
    this.#note(`unhealthy:${unhealthy}`, 0);
  }

  async registration(): Promise<Registration> {
    this.lookUps++;
    if (!this.found) throw new NotFoundError('gone');
    const instance = this.instances[0];
    return {
      ...{ resource: 'Registration', id: formatId(address), meta: {}, registered: 0, ttl: this.ttl },
      ...{ ...address, ...this.found, ...(instance !== undefined && { instance }) },
    };
  }

  #note(call: string, timeoutMs: number): void {
    this.calls.push(`${call} ${this.timers.now()}`);
    this.timeouts.push(timeoutMs);
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
  }
}

/** A client whose leases use a registrar without a network. */
export function fakeClient(timers = new VirtualTimers()) {
  const registrar = new FakeRegistrar(timers);
  const client: Pick<Client, 'hold' | 'servers'> = {
    servers: new Servers([]),
    hold: (registration, options) => new Lease(registrar, 1, registration, options),
  };
  return { registrar, client };
}
