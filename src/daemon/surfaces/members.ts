/** The instances of a backend, for surfaces that hand all of them to a proxy. */

import type { Target } from '../../model/catalog.js';
import { targetMatcher } from '../../model/targets.js';
import { type Weighted, weigher } from '../../model/weights.js';
import type { Registry } from '../core/registry.js';
import { everyRegistration } from './every-registration.js';

/**
 * As of now, sorted by id, each made when it is asked for. What drains has the weight 0, and so has a version without a
 * share.
 */
export function membersOf(
  registry: Pick<Registry, 'available' | 'groups' | 'registrationsIn'>,
  target: Target,
): Iterable<Weighted> {
  const { app, version } = target;
  const matches = targetMatcher(target);
  const weighed = weigher(target, registry.available(app));
  const all = everyRegistration(registry, { app, ...(version !== undefined && { version }) });
  return (function* () {
    for (const one of all) if (matches(one)) yield weighed(one);
  })();
}
