/** Holding a registration, and telling the person about it. */

import type { Lease } from '../client/index.js';
import { drainFor } from './drain.js';
import { toFailure } from './exit-codes.js';
import { Following } from './following.js';
import { type Held, type Holding, tellStopFailure } from './holding.js';
import { notice } from './notice.js';
import { stopSignal } from './signals.js';

/** Starts holding a registration, and reports on stderr what happens to it. */
export function hold(holding: Holding): Held {
  return holding.followsMachine ? new Following(holding, begin) : begin(holding);
}

function begin({ client, registration, check, onFirst }: Holding): Lease {
  let again = false;
  let isReplaced = false;
  return client.hold(registration, {
    ...(check && { check: check(registration) }),
    onRegistered: (registered) => {
      if (!again) onFirst(registered);
      else if (isReplaced) notice(`${registered.id} is free again: registered it again`);
      else notice(`${registered.id} was no longer known: registered it again`);
      again = true;
      isReplaced = false;
    },
    onTrouble: (error) => notice(`${toFailure(error).message}; still trying`),
    onRecovered: () => notice('reached a daemon again'),
    onReplaced: (by) => {
      isReplaced = true;
      notice(`another instance has registered at this address (${by}): waiting until it has ended`);
    },
    onHealth: (unhealthy) =>
      notice(unhealthy === null ? 'healthy again: online' : `unhealthy, so offline: ${unhealthy}`),
  });
}

/**
 * Holds it until this process gets a signal to stop, drains it for `drainMs` or until the next signal, then
 * deregisters. Throws if it is refused.
 */
export async function holdUntilStopped(drainMs: number, holding: Holding): Promise<void> {
  const stopped = stopSignal();
  const lease = hold(holding);
  let isRegistered = false;
  await Promise.race([lease.ready.then(() => (isRegistered = true)), stopped]);
  await stopped;
  if (drainMs > 0) {
    const cut = new AbortController();
    void stopSignal().then(() => cut.abort());
    await drainFor(lease, drainMs, cut.signal);
  }
  await lease.stop().catch(isRegistered ? tellStopFailure : () => undefined);
}
