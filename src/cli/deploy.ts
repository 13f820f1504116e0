/** Switching a backend to another version without leaving its callers with nobody. */

import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, waitFor } from '../client/index.js';
import type { Backend, Target } from '../model/catalog.js';
import { formatTarget } from '../model/catalog.js';
import { targetMatcher } from '../model/targets.js';
import { TimedOutError, TooFewOnlineError, UnreachableError } from '../model/errors.js';
import type { Registration } from '../model/registration.js';
import { exactly } from './durations.js';

/** What has become of a backend. */
export interface Switched {
  before: Backend;
  after: Backend;
}

export interface DeployOptions {
  /** How many must be online and not draining. */
  atLeast: number;
  timeoutMs: number;
  onProgress: (text: string) => void;
}

/** Milliseconds before it is tried again where a daemon knows of fewer than the one that was watched. */
const againMs = 200;

/**
 * Waits until enough of the version is online, then points the backend at it. Throws TimedOutError where that was
 * not so in time: nothing has been changed then.
 */
export async function deploy(
  client: Pick<Client, 'backend' | 'events' | 'updateBackend'>,
  name: string,
  version: string,
  { atLeast, timeoutMs, onProgress }: DeployOptions,
): Promise<Switched> {
  const { app } = await client.backend(name);
  const deadline = performance.now() + timeoutMs;
  let online = 0;
  const isEnough = (registrations: Registration[]): boolean => {
    online = registrations.filter(({ draining }) => !draining).length;
    onProgress(`${online} of ${app}@${version} online, waiting for ${atLeast}`);
    return online >= atLeast;
  };
  for (;;) {
    try {
      const leftMs = Math.max(0, Math.round(deadline - performance.now()));
      await waitFor(client, { app, version }, isEnough, { timeoutMs: leftMs });
      const before = await client.backend(name);
      return { before, after: await client.updateBackend(name, { app, version }, { atLeast }) };
    } catch (error) {
      if (error instanceof TimedOutError)
        throw new TimedOutError(
          `after ${exactly(timeoutMs)} ${online} of ${app}@${version} online, not ${atLeast}: '${name}' stays as it is`,
        );
      if (!(error instanceof TooFewOnlineError) || performance.now() > deadline) throw error;
      await sleep(againMs);
    }
  }
}

/** Waits until nothing is online any more that only `before` sent callers to, for `forMs` at most. Answers what still is. */
export async function untilGone(
  client: Pick<Client, 'events'>,
  { before, after }: { before: Target; after: Target },
  forMs: number,
  onProgress: (text: string) => void,
): Promise<number> {
  let left = NaN;
  const [wasMeant, isMeant] = [targetMatcher(before), targetMatcher(after)];
  const isGone = (registrations: Registration[]): boolean => {
    left = registrations.filter((one) => wasMeant(one) && !isMeant(one)).length;
    onProgress(`${left} of ${formatTarget(before)} still online`);
    return left === 0;
  };
  await waitFor(client, { app: before.app }, isGone, { timeoutMs: forMs }).catch((error: unknown) => {
    if (!(error instanceof TimedOutError || error instanceof UnreachableError)) throw error;
  });
  return left;
}

/** `web: web@1.0.0 -> web@2.0.0`. */
export function switchedLine({ before, after }: Switched): string {
  const [from, to] = [formatTarget(before), formatTarget(after)];
  return from === to ? `${after.name}: ${to} already` : `${after.name}: ${from} -> ${to}`;
}
