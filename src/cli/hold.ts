/** Holding a registration, and telling the person about it. */

import type { Client, HealthCheck, Lease } from '../client/index.js';
import { isOwnAddress, outwardAddress } from '../model/outward-address.js';
import type { Address, RegisterAnswer, RegistrationOptions } from '../model/registration.js';
import { hostPort } from '../model/registration.js';
import { towards } from './address.js';
import { drainFor } from './drain.js';
import { toFailure } from './exit-codes.js';
import { notice } from './notice.js';
import { stopSignal } from './signals.js';

/** How often it is looked whether this machine still has the address that is registered. */
const addressEveryMs = 2000;

export interface Holding {
  client: Client;
  registration: Address & RegistrationOptions;
  check?: HealthCheck | undefined;
  /** Whether the host is an address of this machine that was found, and not given: then it follows the machine's. */
  followsMachine: boolean;
  /** Called with the first registration. */
  onFirst: (registered: RegisterAnswer) => void;
}

/** Begins to hold a registration; what happens to it is told on stderr. */
export function hold(holding: Holding): Pick<Lease, 'ready' | 'stop' | 'drain'> {
  return holding.followsMachine ? new Following(holding) : begin(holding);
}

function begin({ client, registration, check, onFirst }: Holding): Lease {
  let again = false;
  let isReplaced = false;
  return client.hold(registration, {
    ...(check && { check }),
    onRegistered: (registered) => {
      if (!again) onFirst(registered);
      else if (isReplaced) notice(`${registered.id} is free again: registered it again`);
      else notice(`${registered.id} was not known any more: registered it again`);
      again = true;
      isReplaced = false;
    },
    onTrouble: (error) => notice(`${toFailure(error).message}; trying on`),
    onRecovered: () => notice('reached a daemon again'),
    onReplaced: (by) => {
      isReplaced = true;
      notice(`another instance has registered at this address (${by}): waiting until it has ended`);
    },
    onHealth: (unhealthy) =>
      notice(unhealthy === null ? 'healthy again: online' : `unhealthy, so offline: ${unhealthy}`),
  });
}

/** A registration at an address of this machine. If the machine loses that address, it is registered at the new one. */
class Following implements Pick<Lease, 'ready' | 'stop' | 'drain'> {
  readonly ready: Promise<RegisterAnswer>;
  #lease: Lease;
  #drainReason: string | undefined;
  readonly #timer: NodeJS.Timeout;
  #moving = Promise.resolve();

  constructor(private holding: Holding) {
    this.#lease = begin(holding);
    this.ready = this.#lease.ready;
    this.#timer = setInterval(() => {
      this.#moving = this.#moving.then(() => this.#follow());
    }, addressEveryMs);
    this.#timer.unref();
  }

  async drain(reason: string): Promise<boolean> {
    this.#drainReason = reason;
    return this.#lease.drain(reason);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#moving;
    await this.#lease.stop();
  }

  async #follow(): Promise<void> {
    const { registration, client } = this.holding;
    const { host } = registration;
    if (isOwnAddress(host)) return;
    const now = await outwardAddress(towards(client));
    if (now === host || !isOwnAddress(now)) return;
    const next = { ...registration, host: now };
    notice(`${host} is no longer an address of this machine: registering ${hostPort(next)} in its place`);
    const before = this.#lease;
    this.holding = { ...this.holding, registration: next };
    this.#lease = begin(this.holding);
    if (this.#drainReason !== undefined) await this.#lease.drain(this.#drainReason).catch(() => undefined);
    await before.stop().catch(tellStopFailure);
  }
}

export const tellStopFailure = (error: unknown): void =>
  notice(`could not deregister, it lapses with its TTL: ${toFailure(error).message}`);

/**
 * Holds it until this process is told to stop, drains it for `drainMs` or until it is told again, then
 * deregisters. Throws if it is refused.
 */
export async function holdUntilStopped(drainMs: number, holding: Holding): Promise<void> {
  const stopped = stopSignal();
  const lease = hold(holding);
  await Promise.race([lease.ready, stopped]);
  await stopped;
  if (drainMs > 0) {
    const cut = new AbortController();
    void stopSignal().then(() => cut.abort());
    await drainFor(lease, drainMs, cut.signal);
  }
  await lease.stop().catch(tellStopFailure);
}
