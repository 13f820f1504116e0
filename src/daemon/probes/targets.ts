/** Which addresses a daemon probes: what a client registers must not lead it to the secrets of its machine's cloud. */

import { BlockList, isIP } from 'node:net';
import { isHost, isReachable, normalizeHost } from '../../model/host.js';
import { isLoopback } from '../../model/loopback.js';
import { isThisMachine } from '../../model/outward-address.js';
import type { Address } from '../../model/registration.js';

/** What a daemon may probe. */
export interface TargetRules {
  /** Whether other machines are not probed. */
  isOwnHostOnly: boolean;
  /** Ports of this machine that are the daemon's own. */
  ownPorts: ReadonlySet<number>;
}

/** Where an instance listens. */
export type Target = Pick<Address, 'host' | 'port'>;

const refused = new BlockList();
// Link-local (RFC 3927, RFC 4291): the metadata services of most clouds are at 169.254.169.254.
refused.addSubnet('169.254.0.0', 16, 'ipv4');
refused.addSubnet('fe80::', 10, 'ipv6');
// Link-local IPv4 addresses behind translators (RFC 6052, RFC 3056).
refused.addSubnet('64:ff9b::a9fe:0', 112, 'ipv6');
refused.addSubnet('2002:a9fe::', 32, 'ipv6');
// Translators with a prefix of their own (RFC 8215), and the deprecated IPv4-compatible addresses (RFC 4291).
refused.addSubnet('64:ff9b:1::', 48, 'ipv6');
refused.addSubnet('::', 96, 'ipv6');
// Metadata services elsewhere: AWS and Google by IPv6, Alibaba, Oracle, Azure's host.
refused.addSubnet('fd00:ec2::', 32, 'ipv6');
refused.addAddress('fd20:ce::254', 'ipv6');
refused.addAddress('100.100.100.200', 'ipv4');
refused.addAddress('192.0.0.192', 'ipv4');
refused.addAddress('168.63.129.16', 'ipv4');

/** Why an address is not probed, whichever client registers it; undefined if it is. */
export function addressRefusal(
  { host: address, port }: Target,
  { isOwnHostOnly, ownPorts }: TargetRules,
): string | undefined {
  const host = normalizeHost(address);
  const family = isIP(host);
  if (family === 0 || !isReachable(host)) return `'${address}' is no address that can be probed`;
  if (!isLoopback(host) && refused.check(host, family === 4 ? 'ipv4' : 'ipv6'))
    return `'${address}' is link-local or a cloud's metadata service, which daemons do not probe`;
  if (ownPorts.has(port) && isThisMachine(host)) return `port ${port} of '${address}' is this daemon itself`;
  if (isOwnHostOnly && !isThisMachine(host)) return `'${address}' is not on this daemon's machine (--no-remote-checks)`;
  return undefined;
}

/** The same for an address that a name stands for. Only `localhost` may lead to loopback: remote clients give names. */
export const resolvedRefusal = (name: string, target: Target, rules: TargetRules): string | undefined =>
  isLoopback(normalizeHost(target.host)) && !isLoopback(name)
    ? `'${name}' stands for a loopback address: register the address itself`
    : addressRefusal(target, rules);

/** The same for a registration. What a name stands for is looked up with each probe, and checked then. */
export function targetRefusal(target: Target, rules: TargetRules): string | undefined {
  const { host, port } = target;
  const { isOwnHostOnly, ownPorts } = rules;
  if (isIP(host) !== 0) return addressRefusal(target, rules);
  if (!isHost(host) || !isReachable(host)) return `'${host}' is no host that can be probed`;
  if (ownPorts.has(port) && isLoopback(host)) return `port ${port} of '${host}' is this daemon itself`;
  if (isOwnHostOnly && !isLoopback(host))
    return `'${host}' is a name, and this daemon probes its own addresses only (--no-remote-checks)`;
  return undefined;
}
