/** A registration at an address that was found, and not given: it follows the machine to another one. */

import { setTimeout as sleep } from 'node:timers/promises';
import { isLoopback } from '../model/loopback.js';
import { isLinkLocal, isOwnAddress, outwardAddress } from '../model/outward-address.js';
import type { RegisterAnswer } from '../model/registration.js';
import { hostPort } from '../model/registration.js';
import { towards } from './address.js';
import { toFailure } from './exit-codes.js';
import { type Held, type Holding, tellStopFailure } from './holding.js';
import { notice } from './notice.js';

/** How often to check whether this machine still has the registered address. */
const everyMs = 2000;

/** ms that the new registration may take before the old one ends, so that there is always one. */
const overlapMs = 1000;

export class Following implements Held {
  /** The first registration, at whichever address. */
  readonly ready: Promise<RegisterAnswer>;
  #lease: Held;
  #drainReason: string | undefined;
  #moving = Promise.resolve();
  /** Whether it was reported that the machine has no address now. */
  #isStranded = false;
  readonly #timer: NodeJS.Timeout;

  constructor(
    private holding: Holding,
    private readonly begin: (holding: Holding) => Held,
  ) {
    this.#lease = begin(holding);
    this.ready = this.#firstReady();
    this.ready.catch(() => undefined);
    this.#timer = setInterval(() => {
      this.#moving = this.#moving.then(() => this.#follow());
    }, everyMs);
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

  /** If the address changes before the first registration, the next lease counts. */
  async #firstReady(): Promise<RegisterAnswer> {
    for (;;) {
      const lease = this.#lease;
      try {
        return await lease.ready;
      } catch (error) {
        if (lease === this.#lease) throw error;
      }
    }
  }

  async #follow(): Promise<void> {
    const { registration, client } = this.holding;
    const { host } = registration;
    const isThere = isOwnAddress(host);
    if (isThere && !isStopgap(host)) return;
    const now = await outwardAddress(towards(client));
    if (now === host || !isOwnAddress(now)) return;
    if (isLoopback(now)) {
      if (!isThere && !this.#isStranded)
        notice(`${host} is no longer an address of this machine, which has no other one now: waiting for one`);
      this.#isStranded = true;
      return;
    }
    // A link-local address is no reason to leave another one.
    if (isThere && isLinkLocal(now)) return;
    this.#isStranded = false;
    await this.#moveTo(now, isThere ? `this machine has an address now` : undefined);
  }

  async #moveTo(host: string, why?: string): Promise<void> {
    const { registration } = this.holding;
    const next = { ...registration, host };
    notice(
      `${why ?? `${registration.host} is no longer an address of this machine`}: registering ${hostPort(next)} in its place`,
    );
    const before = this.#lease;
    const onFirst = ({ id }: RegisterAnswer): void => notice(`registered ${id}`);
    this.holding = { ...this.holding, registration: next, onFirst };
    const lease = (this.#lease = this.begin(this.holding));
    if (this.#drainReason !== undefined) await lease.drain(this.#drainReason).catch(() => undefined);
    const registered = lease.ready.catch((error: unknown) =>
      notice(`could not register at ${host}: ${toFailure(error).message}`),
    );
    await Promise.race([registered, sleep(overlapMs, undefined, { ref: false })]);
    await before.stop().catch(tellStopFailure);
  }
}

/** Whether it is only a fallback. */
const isStopgap = (host: string): boolean => isLoopback(host) || isLinkLocal(host);
