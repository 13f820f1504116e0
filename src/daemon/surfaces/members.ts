/** The instances of a backend, for surfaces that hand all of them to a proxy. */

import type { Target } from '../../model/catalog.js';
import { targetMatcher } from '../../model/targets.js';
import { type Weighted, weigher } from '../../model/weights.js';
import type { Registry } from '../core/registry.js';
import { everyRegistration } from './every-registration.js';

type Instances = Pick<Registry, 'available' | 'groups' | 'registrationsIn'>;

/** The same, for a document of one moment: counts the instances of an app only once, however many backends it has. */
export function countingOnce(registry: Instances): Instances {
  const counted = new Map<string, ReadonlyMap<string, number>>();
  return {
    groups: (query) => registry.groups(query),
    registrationsIn: (group) => registry.registrationsIn(group),
    available: (app) => {
      const known = counted.get(app) ?? registry.available(app);
      counted.set(app, known);
      return known;
    },
  };
}

/**
 * As of now, sorted by id, each made when it is asked for. What drains has the weight 0, and so has a version without a
 * share.
 */
export function membersOf(registry: Instances, target: Target): Iterable<Weighted> {
  const { app, version } = target;
  const matches = targetMatcher(target);
  const weighed = weigher(target, registry.available(app));
  const all = everyRegistration(registry, { app, ...(version !== undefined && { version }) });
  return (function* () {
    for (const one of all) if (matches(one)) yield weighed(one);
  })();
}
