/**
 * The endpoints of a cluster: https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/endpoint/v3/endpoint.proto.
 *
 * Envoy takes addresses as IPs, each once, and weights of at least 1. What drains is `DRAINING`; a version without a
 * share is left out. To an Envoy that says its zone, what is near has priority 0 and the rest priority 1, which gets
 * requests as far as Envoy finds too little of priority 0 healthy.
 */

import { isAddress } from '../../../model/host.js';
import type { Weighted } from '../../../model/weights.js';
import { type Fragment, fragmentOf, joined, within } from '../../http/contents.js';
import type { Sliced } from '../../http/slices.js';
import { type Instances, type PartedMembers, partedMembersOf } from '../../http/members.js';
import type { Cluster } from './clusters.js';
import { typed } from './response.js';

/** Members that are looked at without a pause. */
const atOnce = 200;

/** Endpoints by address. */
type Endpoints = Map<string, Weighted>;

/**
 * @param zone      of the Envoy that asks: what is not near has the next priority
 * @param leaveOut  called for each host that is a name
 */
export function loadAssignment(
  registry: Instances,
  { name, target }: Cluster,
  zone: string | undefined,
  leaveOut: () => void,
): Sliced<Fragment> {
  const near = zone === undefined ? undefined : { name: 'zone', text: zone, atLeast: 1 };
  const parted = target && partedMembersOf(registry, target, near);
  return (function* () {
    const { served, spare } = parted ? yield* parted : none;
    const [first, next] = [yield* endpointsOf(served, leaveOut), yield* endpointsOf(spare, leaveOut)];
    for (const [address, one] of next) if (!merge(first, address, one)) next.delete(address);
    for (const address of next.keys()) first.delete(address);
    // Envoy wants priorities without a gap.
    const priorities = [first, next].filter(({ size }) => size > 0);
    const localities: Fragment[] = [];
    for (const [priority, endpoints] of priorities.entries())
      localities.push(...(yield* localitiesOf(endpoints, priority)));
    const before = `${typed('endpoints')}"cluster_name":${JSON.stringify(name)},"endpoints":[`;
    return within(before, joined(localities), ']}');
  })();
}

const none: PartedMembers = { served: [], spare: [] };

function* endpointsOf(members: Iterable<Weighted>, leaveOut: () => void): Sliced<Endpoints> {
  const byAddress: Endpoints = new Map();
  let looked = 0;
  for (const one of members) {
    if (++looked % atOnce === 0) yield;
    if (!one.draining && one.weight === 0) continue;
    if (!isAddress(one.host)) leaveOut();
    else merge(byAddress, `${one.host} ${one.port}`, one);
  }
  return byAddress;
}

function* localitiesOf(endpoints: Endpoints, priority: number): Sliced<Fragment[]> {
  const zones = new Map<string, Weighted[]>();
  let looked = 0;
  for (const one of endpoints.values()) {
    if (++looked % atOnce === 0) yield;
    const zone = zoneOf(one);
    const ofZone = zones.get(zone);
    if (ofZone) ofZone.push(one);
    else zones.set(zone, [one]);
  }
  const localities: Fragment[] = [];
  for (const [zone, ofZone] of [...zones].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const written = yield* fragmentOf(ofZone, undefined, (one) => JSON.stringify(toEndpoint(one)));
    const locality = JSON.stringify(zone === '' ? {} : { zone });
    const end = priority === 0 ? ']}' : `],"priority":${priority}}`;
    localities.push(within(`{"locality":${locality},"lb_endpoints":[`, written, end));
    yield;
  }
  return localities;
}

/** Two versions at one address are one endpoint, with what the busier one says. Returns whether that is `one`. */
function merge(byAddress: Endpoints, address: string, one: Weighted): boolean {
  const before = byAddress.get(address);
  const isIt = !before || one.weight > before.weight;
  if (isIt) byAddress.set(address, one);
  return isIt;
}

const zoneOf = ({ meta: { zone } }: Weighted): string => (typeof zone === 'string' ? zone : '');

const toEndpoint = ({ host, port, weight, draining }: Weighted): object => ({
  endpoint: { address: { socket_address: { address: host, port_value: port } } },
  ...(draining && { health_status: 'DRAINING' }),
  load_balancing_weight: Math.max(1, weight),
});
