/** The address at which other machines reach this one. */

import { networkInterfaces } from 'node:os';

/** The first external IPv4 address, else the first external IPv6 address that is not link-local, else loopback. */
export function outwardAddress(interfaces = networkInterfaces()): string {
  const external = Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, address }) => !internal && !address.startsWith('fe80:'));
  const chosen = external.find(({ family }) => family === 'IPv4') ?? external[0];
  return chosen?.address ?? '127.0.0.1';
}
