/** The address at which other machines reach this one. */

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os';
import { normalizeHost } from './host.js';
import { isLoopback } from './loopback.js';

type Interfaces = NodeJS.Dict<NetworkInterfaceInfo[]>;

/** Documentation addresses (RFC 5737, RFC 3849): they are in no network, so the way to them is the default route. */
const outside = ['198.51.100.1', '2001:db8::1'];

/** How long the name of a daemon may take to be looked up. */
const lookUpMs = 1000;

/**
 * The source address of the way to `targets` (hosts that are not on this machine), else of the default route, else the
 * best of the interfaces. Link-local addresses only if there are no others.
 */
export async function outwardAddress(targets: readonly string[] = []): Promise<string> {
  for (const target of [...targets.filter((host) => !isLoopback(host)), ...outside]) {
    const source = await sourceTowards(target);
    if (source !== undefined && !isLoopback(source) && !isLinkLocal(source)) return source;
  }
  return bestOf(networkInterfaces());
}

/** The best external address: IPv4 before IPv6, and link-local ones last; else loopback. */
export function bestOf(interfaces: Interfaces): string {
  const external = Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, address }) => !internal && !address.startsWith('fe80:'));
  const rank = ({ family, address }: NetworkInterfaceInfo): number =>
    (isLinkLocal(address) ? 2 : 0) + (family === 'IPv4' ? 0 : 1);
  return external.sort((a, b) => rank(a) - rank(b))[0]?.address ?? '127.0.0.1';
}

/** Whether this machine has the address now. */
export const isOwnAddress = (address: string, interfaces: Interfaces = networkInterfaces()): boolean =>
  Object.values(interfaces).some((all) => all?.some((one) => one.address === address));

/** Whether an address, of loopback or of an interface, is one of this machine. */
export const isThisMachine = (address: string): boolean => isLoopback(address) || isOwnAddress(normalizeHost(address));

/** Whether it means something on one link only. */
export const isLinkLocal = (address: string): boolean =>
  address.startsWith('169.254.') || /^fe[89ab][0-9a-f]:/i.test(address);

/** From which address packets to `host` leave; a UDP socket knows that when it is connected, which sends nothing. */
async function sourceTowards(host: string): Promise<string | undefined> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  try {
    const connected = once(socket, 'connect', { signal: AbortSignal.timeout(lookUpMs) });
    socket.connect(9, host);
    await connected;
    return socket.address().address;
  } catch {
    return undefined; // There is no way to it, or it cannot be looked up.
  } finally {
    socket.on('error', () => undefined);
    socket.close();
  }
}
