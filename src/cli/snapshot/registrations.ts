/** Registrations in snapshots. */

import type { Client } from '../../client/index.js';
import { daemonApp } from '../../model/daemon.js';
import { formatId, type Registration } from '../../model/registration.js';
import type { Kept } from './snapshot.js';

/** The registrations to save. Daemons are left out: they register themselves. */
export const kept = (online: readonly Registration[]): Kept[] =>
  online
    .filter(({ app }) => app !== daemonApp)
    .map(({ app, version, host, port, ttl, meta, instance, draining, drainReason }) => ({
      ...{ app, version, host, port, ttl, meta, draining },
      ...(instance !== undefined && { instance }),
      ...(drainReason !== undefined && { drainReason }),
    }));

/** Those that are not online: the others have newer values. */
export function missing(wanted: readonly Kept[], online: readonly Registration[]): Kept[] {
  const there = new Set(online.map(({ id }) => id));
  return wanted.filter((one) => !there.has(formatId(one)));
}

/** Registers it for one TTL, by the end of which the service has to have renewed it. */
export async function bringBack(client: Client, { draining, drainReason: reason, ...one }: Kept): Promise<void> {
  await client.register(one);
  if (draining) await client.setState(one, { draining, ...(reason !== undefined && { reason }) });
}

export const printMissing = (one: Kept): string =>
  `+ registration ${formatId(one)}${one.draining ? ' (draining)' : ''}`;
