/** The URL that a daemon advertises. */

import { normalizeHost } from '../model/host.js';
import { outwardAddress } from '../model/outward-address.js';
import { hostPort } from '../model/registration.js';

export type Scheme = 'http' | 'https';

/** The base URL of a daemon that listens on `host` and `port`; with an outward address if it listens on all. */
export async function advertisedUrl(host: string, port: number, scheme: Scheme = 'http'): Promise<string> {
  const everywhere = host === '0.0.0.0' || host === '::';
  return `${scheme}://${hostPort({ host: everywhere ? await outwardAddress() : host, port })}`;
}

/**
 * The base URL at which peers reach a daemon that listens for them at `host` and `port`. One that listens everywhere is
 * reached at the host that it advertises to clients.
 */
export function peerUrlOf({ host, port }: { host: string; port: number }, apiUrl: string, scheme: Scheme): string {
  const everywhere = host === '0.0.0.0' || host === '::';
  return `${scheme}://${hostPort({ host: everywhere ? normalizeHost(new URL(apiUrl).hostname) : host, port })}`;
}

/** The host names by which this daemon may be called, beside addresses and `localhost`. */
export const namesOf = (
  { host, 'allowed-host': allowed }: { host: string; 'allowed-host': readonly string[] },
  url: string,
): string[] => [host, new URL(url).hostname, ...allowed];
