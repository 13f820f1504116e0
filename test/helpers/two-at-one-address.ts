/**
 * Two versions at one address. A daemon takes the second for a successor of the first; both are online only while
 * daemons do not hear each other.
 */

import type { Daemon } from '../../src/daemon/core/daemon.js';
import type { Group, Registry } from '../../src/daemon/core/registry.js';
import type { Sliced } from '../../src/daemon/http/slices.js';
import { formatId, type Registration } from '../../src/model/registration.js';
import { allWarm } from '../../src/model/warm-up.js';

/** `web` in the versions 1.0.0 and 1.1.0, beside the catalog of `daemon`. */
export function registryWithTwoAt(
  { catalog }: Daemon,
  host: string,
  firstDrains: boolean,
): Pick<Registry, 'available' | 'catalog' | 'fresh' | 'groups' | 'registrationsIn'> {
  const one = (version: string, draining: boolean): Registration => {
    const at = { app: 'web', version, host, port: 80 };
    return {
      ...{ resource: 'Registration', id: formatId(at), ...at },
      ...{ ttl: 4000, meta: {}, draining, registered: 0 },
    };
  };
  const both = [one('1.0.0', firstDrains), one('1.1.0', false)];
  return {
    catalog,
    available: () =>
      new Map([
        ['1.0.0', firstDrains ? 0 : 1],
        ['1.1.0', 1],
      ]),
    fresh: () => allWarm,
    groups: () => [{} as Group],
    registrationsIn: () => both,
  };
}

export function untilDone<T>(work: Sliced<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}
