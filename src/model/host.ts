/**
 * Hosts as callers connect to them. One host has one spelling, since the host is a part of the registration's id:
 * lower case, no brackets, no dot at the end, IPv6 as RFC 5952 writes it, and IPv4 addresses that are mapped into IPv6
 * as IPv4.
 */

import { isIP } from 'node:net';

const label = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?';
const dnsName = new RegExp(`^(?=.{1,253}$)${label}(?:\\.${label})*$`);

/** Resolvers read a name that ends like this as an IPv4 address: 1.2.3, 0x7f.1, 2130706433. */
const endsInNumber = /(^|\.)(\d+|0x[0-9a-f]*)$/;

/**
 * Returns the one spelling of a host. A text that is no host only loses brackets, its last dot and upper case.
 *
 *     normalizeHost('[2001:DB8:0::1]') // 2001:db8::1
 */
export function normalizeHost(text: string): string {
  const host = text.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  if (isIP(host) !== 6) return host.replace(/(?<=[^.])\.$/, '');
  if (host.includes('%')) return host;
  const canonical = new URL(`http://[${host}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical);
  if (!mapped) return canonical;
  const [high, low] = [parseInt(mapped[1]!, 16), parseInt(mapped[2]!, 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** Whether it is an IP address rather than a name. */
export const isAddress = (host: string): boolean => isIP(host) !== 0;

/** Whether a normalized host is an address or a name at all. */
export const isHost = (host: string): boolean => isIP(host) !== 0 || dnsName.test(host);

/**
 * Whether callers may be able to connect to a normalized host. They cannot to unspecified, multicast and broadcast
 * addresses, to zones of another machine (`fe80::1%eth0`), and to numbers that are no IPv4 address.
 */
export function isReachable(host: string): boolean {
  const family = isIP(host);
  if (family === 0) return !endsInNumber.test(host);
  return family === 4 ? isUnicast(host) : !host.includes('%') && host !== '::' && !multicast.test(host);
}

/** ff00::/8. */
const multicast = /^ff[0-9a-f]{2}:/;

/** By its first number: a BlockList makes objects for each address that it is asked about. */
function isUnicast(ipv4: string): boolean {
  const first = parseInt(ipv4, 10);
  return first !== 0 && (first < 224 || first > 239) && ipv4 !== '255.255.255.255';
}
