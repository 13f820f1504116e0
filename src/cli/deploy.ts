/** Switches a backend to another version while its callers always have instances. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../client/index.js';
import type { Target } from '../model/catalog.js';
import { formatTarget } from '../model/catalog.js';
import { undrain } from '../model/drained.js';
import { isSameJson } from '../model/json.js';
import { compareVersions, isRange } from '../model/version.js';
import { TimedOutError, TooFewOnlineError } from '../model/errors.js';
import { exactly } from './durations.js';
import { drainedInstances, setStateBy, type Switched } from './replaced.js';
import { untilStable } from './until-stable.js';

export interface DeployOptions {
  /** How many must be online and not draining. */
  atLeast: number;
  /** ms for which they must have been so without a break; undefined: the TTL that daemons assume. */
  stableForMs: number | undefined;
  timeoutMs: number;
  onProgress: (text: string) => void;
}

/** How long to wait before the next try, if a daemon knows of fewer instances than the one that was watched. */
const againMs = 200;

/**
 * Waits until enough instances of the version are online and stay so, then points the backend at it. Throws
 * TimedOutError if that takes too long: nothing has been changed then.
 */
export async function deploy(
  client: Pick<Client, 'backend' | 'events' | 'updateBackend' | 'status' | 'registrations' | 'setState'>,
  name: string,
  version: string,
  { atLeast, stableForMs, timeoutMs, onProgress }: DeployOptions,
): Promise<Switched> {
  const backend = await client.backend(name);
  const { app } = backend;
  const isThere = isSameJson(targetOf(backend), { app, version });
  // A deployment back to a version that the last deployment has drained.
  await undrain(await drainedInstances(client, name, { app, version }), setStateBy(client));
  // Nothing is switched then, so there is nothing to prove.
  const stableFor = isThere ? 0 : (stableForMs ?? (await client.status()).settings.ttl);
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      const leftMs = Math.max(0, Math.round(deadline - performance.now()));
      await untilStable(client, {
        ...{ app, version, atLeast, onProgress },
        stableForMs: stableFor,
        timeoutMs: leftMs,
      });
      const before = await client.backend(name);
      return { before, after: await client.updateBackend(name, { app, version }, { atLeast }) };
    } catch (error) {
      if (error instanceof TimedOutError)
        throw new TimedOutError(`after ${exactly(timeoutMs)} ${error.message}: '${name}' stays as it is`);
      if (!(error instanceof TooFewOnlineError) || performance.now() > deadline) throw error;
      await sleep(againMs);
    }
  }
}

const targetOf = ({ app, version, split }: Target): object => (split === undefined ? { app, version } : { app, split });

/** `web: web@1.0.0 -> web@2.0.0`. */
export function switchedLine({ before, after }: Switched): string {
  const [from, to] = [formatTarget(before), formatTarget(after)];
  return from === to ? `${after.name}: ${to} already` : `${after.name}: ${from} -> ${to}`;
}

/**
 * A line with the versions that the range of a backend stands for now; undefined if it is no range, or that is unknown.
 */
export async function meaningLine(
  client: Pick<Client, 'backendRegistrations'>,
  { after: { name, version } }: Switched,
): Promise<string | undefined> {
  if (version === undefined || !isRange(version)) return undefined;
  // The switch has been made, so a failure here does not matter.
  const registrations = await client.backendRegistrations(name).catch(() => undefined);
  if (registrations === undefined) return undefined;
  const versions = [...new Set(registrations.map((one) => one.version))].sort(compareVersions);
  if (versions.length === 1 && versions[0] === version) return undefined;
  return `${version} stands for ${versions.length > 0 ? versions.join(', ') : 'nothing that is online'} now`;
}
