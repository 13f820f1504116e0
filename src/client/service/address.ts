/** Where callers reach a server of this process. */

import type { Server } from 'node:net';
import { InvalidError } from '../../model/errors.js';
import { isReachable, normalizeHost } from '../../model/host.js';
import { isLoopback } from '../../model/loopback.js';
import { outwardAddress } from '../../model/outward-address.js';
import { hostPort } from '../../model/registration.js';

interface Where {
  host: string;
  port: number;
}

/**
 * The address at which a server listens. If it listens on all addresses, the one from which this machine reaches the
 * `daemons` (their hosts), else that of its default route. What is `given` counts more.
 * @throws InvalidError  if the server has no port, as one that listens on a socket of the file system
 */
export async function addressOf(
  server: Pick<Server, 'address'>,
  given: { host?: string | undefined; port?: number | undefined },
  daemons: readonly string[],
): Promise<Where> {
  const at = server.address();
  const found = typeof at === 'object' && at !== null ? { host: normalizeHost(at.address), port: at.port } : undefined;
  const port = given.port ?? found?.port;
  const host = given.host === undefined ? found?.host : normalizeHost(given.host);
  if (host === undefined || port === undefined)
    throw new InvalidError(
      `the server listens at ${JSON.stringify(at)}, which callers cannot reach: give host and port`,
    );
  return { host: isReachable(host) ? host : await outwardAddress(daemons), port };
}

/**
 * What is wrong with an address that was found: on loopback a service is reached from its own machine only, while
 * callers of daemons elsewhere are sent to it.
 */
export function misplaced(where: Where, daemons: readonly string[]): string | undefined {
  if (!isLoopback(where.host) || daemons.some(isLoopback)) return undefined;
  return `the service listens on ${hostPort(where)} only, and callers on other machines are sent there, too: listen on 0.0.0.0, or give the host at which they reach it`;
}
