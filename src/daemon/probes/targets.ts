/** Which addresses a daemon probes: what a client registers must not lead it to the secrets of its machine's cloud. */

import { BlockList, isIP } from 'node:net';
import { isHost, isReachable, normalizeHost } from '../../model/host.js';
import { isLoopback } from '../../model/loopback.js';
import { isOwnAddress } from '../../model/outward-address.js';

const refused = new BlockList();
// Link-local (RFC 3927, RFC 4291): the metadata services of most clouds are at 169.254.169.254.
refused.addSubnet('169.254.0.0', 16, 'ipv4');
refused.addSubnet('fe80::', 10, 'ipv6');
// Link-local IPv4 addresses behind translators (RFC 6052, RFC 3056).
refused.addSubnet('64:ff9b::a9fe:0', 112, 'ipv6');
refused.addSubnet('2002:a9fe::', 32, 'ipv6');
// Metadata services elsewhere: AWS by IPv6, Alibaba, Oracle, Azure's host.
refused.addAddress('fd00:ec2::254', 'ipv6');
refused.addAddress('100.100.100.200', 'ipv4');
refused.addAddress('192.0.0.192', 'ipv4');
refused.addAddress('168.63.129.16', 'ipv4');

/** Why an address is not probed, whichever daemon asks; undefined if it is. */
export function addressRefusal(address: string, isOwnHostOnly: boolean): string | undefined {
  const host = normalizeHost(address);
  const family = isIP(host);
  if (family === 0 || !isReachable(host)) return `'${address}' is no address that can be probed`;
  if (refused.check(host, family === 4 ? 'ipv4' : 'ipv6'))
    return `'${address}' is link-local or a cloud's metadata service, which daemons do not probe`;
  if (isOwnHostOnly && !isLoopback(host) && !isOwnAddress(host))
    return `'${address}' is not on this daemon's machine (--no-remote-checks)`;
  return undefined;
}

/** The same for the host of a registration. What a name stands for is looked up with each probe, and checked then. */
export function hostRefusal(host: string, isOwnHostOnly: boolean): string | undefined {
  if (isIP(host) !== 0) return addressRefusal(host, isOwnHostOnly);
  if (!isHost(host) || !isReachable(host)) return `'${host}' is no host that can be probed`;
  if (isOwnHostOnly && !isLoopback(host))
    return `'${host}' is a name, and this daemon probes its own addresses only (--no-remote-checks)`;
  return undefined;
}
