/** All instances that Consul's clients see: those that are online, and those that are unhealthy, which are critical. */

import type { Registration } from '../../../model/registration.js';
import type { Query, Registry } from '../../core/registry.js';
import { everyRegistration, inTurn } from '../every-registration.js';
import { type Instance, instanceOf } from './instance.js';

type Source = Pick<Registry, 'groups' | 'unhealthyGroups' | 'registrationsIn' | 'stamp' | 'unhealthyStamp'>;

/** Those of `query` as of now, sorted by the ids of their registrations. */
export function everyInstance(registry: Source, query: Query, datacenter: string): Iterable<Instance> {
  const healthy = everyRegistration(registry, query);
  const unhealthy = registry.unhealthyGroups(query).map((group) => registry.registrationsIn(group));
  return (function* () {
    for (const registration of merged(healthy, inTurn(unhealthy))) yield instanceOf(registration, datacenter);
  })();
}

/** Changes whenever the instances may. */
export const stampOf = (registry: Source, query: Query): string =>
  `${registry.stamp(query)} ${registry.unhealthyStamp(query)}`;

/** Two sorted lists as one. */
function* merged(one: Iterable<Registration>, other: Iterable<Registration>): Iterable<Registration> {
  const others = other[Symbol.iterator]();
  let next = others.next();
  for (const registration of one) {
    for (; !next.done && next.value.id < registration.id; next = others.next()) yield next.value;
    yield registration;
  }
  for (; !next.done; next = others.next()) yield next.value;
}
