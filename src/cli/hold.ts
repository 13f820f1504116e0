/** Holding a registration, and telling the person about it. */

import type { Client } from '../client/client.js';
import type { Lease } from '../client/lease.js';
import type { Address, RegisterAnswer, RegistrationOptions } from '../model/registration.js';
import { drainFor } from './drain.js';
import { toFailure } from './exit-codes.js';
import { notice } from './notice.js';
import { stopSignal } from './signals.js';

/**
 * Begins to hold a registration; what happens to it is told on stderr.
 *
 * @param onFirst  called with the first registration
 */
export function hold(
  client: Client,
  registration: Address & RegistrationOptions,
  onFirst: (registered: RegisterAnswer) => void,
): Lease {
  let again = false;
  return client.hold(registration, {
    onRegistered: (registered) => {
      if (again) notice(`${registered.id} was not known any more: registered it again`);
      else onFirst(registered);
      again = true;
    },
    onTrouble: (error) => notice(`${toFailure(error).message}; trying on`),
    onRecovered: () => notice('reached a daemon again'),
  });
}

export const tellStopFailure = (error: unknown): void =>
  notice(`could not deregister, it lapses with its TTL: ${toFailure(error).message}`);

/**
 * Holds it until this process is told to stop, drains it for `drainMs` or until it is told again, then
 * deregisters. Throws where it is refused.
 */
export async function holdUntilStopped(
  drainMs: number,
  ...registration: Parameters<typeof hold>
): Promise<void> {
  const stopped = stopSignal();
  const lease = hold(...registration);
  await Promise.race([lease.ready, stopped]);
  await stopped;
  if (drainMs > 0) {
    const cut = new AbortController();
    void stopSignal().then(() => cut.abort());
    await drainFor(lease, drainMs, cut.signal);
  }
  await lease.stop().catch(tellStopFailure);
}
