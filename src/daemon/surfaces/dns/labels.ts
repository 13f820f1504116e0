/**
 * Names of bender as labels of DNS. DNS knows no upper case, a label has at most 63 bytes, and dots end it.
 *
 * A name of lower-case letters, digits, `-` and `_` is its own label. Any other is `x--` and its UTF-8 in hexadecimal,
 * if there is room: both ways are exact, so that no question is answered with the instances of another name.
 */

import { isIPv6 } from 'node:net';
import { normalizeHost } from '../../../model/host.js';

/** An underscore at the beginning is for services and protocols, as RFC 2782 has it. */
const plain = /^(?!x--)[a-z0-9][a-z0-9_-]{0,62}$/;

const escaped = /^x--((?:[0-9a-f]{2}){1,30})$/;

/** The label of an app, a backend or a frontend; undefined if it has none. */
export function labelOf(name: string): string | undefined {
  if (plain.test(name)) return name;
  const label = `x--${Buffer.from(name).toString('hex')}`;
  return escaped.test(label) ? label : undefined;
}

/** The name that has this label, which is in lower case; undefined if none has. */
export function nameOf(label: string): string | undefined {
  if (plain.test(label)) return label;
  const hex = escaped.exec(label)?.[1];
  if (hex === undefined) return undefined;
  const name = Buffer.from(hex, 'hex').toString();
  return labelOf(name) === label ? name : undefined;
}

/** `1-2-0` for the version `1.2.0`. Versions that differ only in case or in such characters share a label. */
export const versionLabel = (version: string): string => version.toLowerCase().replace(/[^a-z0-9_-]/g, '-');

/** Where an instance listens, as a label that stays the same as long as it lives, at every daemon: `i0a0000011f90`. */
export function addressLabel(ip: string, port: number): string {
  const digits = isIPv6(ip)
    ? hextets(ip).map((part) => part.padStart(4, '0'))
    : ip.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
  return `i${digits.join('')}${port.toString(16).padStart(4, '0')}`;
}

/** The address behind such a label, which is in lower case; undefined if it is none. */
export function addressIn(label: string): { host: string; port: number } | undefined {
  const [, ip, port] = /^i((?:[0-9a-f]{8}){1,4}?)([0-9a-f]{4})$/.exec(label) ?? [];
  if (ip === undefined || (ip.length !== 8 && ip.length !== 32)) return undefined;
  const host = ip.length === 8 ? [...Buffer.from(ip, 'hex')].join('.') : normalizeHost(ip.match(/.{4}/g)!.join(':'));
  return { host, port: parseInt(port!, 16) };
}

/** The eight parts of an IPv6 address as bender writes it. */
function hextets(ip: string): string[] {
  const [head, tail] = ip.split('::').map((half) => (half === '' ? [] : half.split(':'))) as [string[], string[]?];
  return tail ? [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail] : head;
}
