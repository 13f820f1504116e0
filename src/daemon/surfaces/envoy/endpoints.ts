/**
 * The endpoints of a cluster: https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/endpoint/v3/endpoint.proto.
 *
 * Envoy takes addresses as IPs, each once, and weights of at least 1. What drains is `DRAINING`; a version without a
 * share is left out.
 */

import { isAddress } from '../../../model/host.js';
import type { Weighted } from '../../../model/weights.js';
import type { Registry } from '../../core/registry.js';
import { type Fragment, fragmentOf, joined, within } from '../../http/contents.js';
import type { Sliced } from '../../http/slices.js';
import { membersOf } from '../members.js';
import type { Cluster } from './clusters.js';
import { typed } from './response.js';

/** Members that are looked at without a pause. */
const atOnce = 200;

/** @param leaveOut  called for each host that is a name */
export function loadAssignment(
  registry: Pick<Registry, 'available' | 'groups' | 'registrationsIn'>,
  { name, target }: Cluster,
  leaveOut: () => void,
): Sliced<Fragment> {
  const members = target ? membersOf(registry, target) : [];
  return (function* () {
    const byAddress = new Map<string, Weighted>();
    let looked = 0;
    for (const one of members) {
      if (++looked % atOnce === 0) yield;
      if (!one.draining && one.weight === 0) continue;
      if (!isAddress(one.host)) leaveOut();
      else merge(byAddress, one);
    }
    const zones = new Map<string, Weighted[]>();
    for (const one of byAddress.values()) {
      if (++looked % atOnce === 0) yield;
      const zone = zoneOf(one);
      const ofZone = zones.get(zone);
      if (ofZone) ofZone.push(one);
      else zones.set(zone, [one]);
    }
    const localities: Fragment[] = [];
    for (const [zone, ofZone] of [...zones].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const endpoints = yield* fragmentOf(ofZone, undefined, (one) => JSON.stringify(toEndpoint(one)));
      const locality = JSON.stringify(zone === '' ? {} : { zone });
      localities.push(within(`{"locality":${locality},"lb_endpoints":[`, endpoints, ']}'));
      yield;
    }
    const before = `${typed('endpoints')}"cluster_name":${JSON.stringify(name)},"endpoints":[`;
    return within(before, joined(localities), ']}');
  })();
}

/** Two versions at one address are one endpoint, with what the busier one says. */
function merge(byAddress: Map<string, Weighted>, one: Weighted): void {
  const key = `${one.host} ${one.port}`;
  const before = byAddress.get(key);
  if (!before || one.weight > before.weight) byAddress.set(key, one);
}

const zoneOf = ({ meta: { zone } }: Weighted): string => (typeof zone === 'string' ? zone : '');

const toEndpoint = ({ host, port, weight, draining }: Weighted): object => ({
  endpoint: { address: { socket_address: { address: host, port_value: port } } },
  ...(draining && { health_status: 'DRAINING' }),
  load_balancing_weight: Math.max(1, weight),
});
