/** How many instances can serve the callers of a backend. */

import type { Target } from './catalog.js';
import { targetMatcher } from './targets.js';

export interface Availability {
  /** `web@1.2.0`. */
  what: string;
  /** Registrations that are online and not draining. */
  online: number;
}

/**
 * How many instances of `target` are available. With several versions, the smallest count of those with a share: each
 * of them needs instances.
 *
 * @param available  how many instances of each version of its app are online and not draining
 */
export function availabilityOf(target: Target, available: ReadonlyMap<string, number>): Availability {
  const { app, version, split } = target;
  const candidates: Target[] =
    split === undefined
      ? [{ app, version }]
      : Object.entries(split).flatMap(([exact, weight]) => (weight > 0 ? [{ app, split: { [exact]: weight } }] : []));
  const each = candidates.map((one) => {
    const isTargeted = targetMatcher(one);
    let online = 0;
    for (const [candidate, count] of available) if (isTargeted({ app, version: candidate })) online += count;
    return { what: `${app}@${one.split ? Object.keys(one.split)[0]! : one.version}`, online };
  });
  return each.reduce((fewest, one) => (one.online < fewest.online ? one : fewest));
}

/**
 * How many instances callers of `target` are sent to. Of several versions, one that has none leaves its share to the
 * others, so all count together.
 *
 * @param available  as for {@link availabilityOf}
 */
export function servedBy(target: Target, available: ReadonlyMap<string, number>): number {
  const { app, split } = target;
  const isTargeted = targetMatcher(target);
  let online = 0;
  for (const [version, count] of available)
    if (isTargeted({ app, version }) && (split === undefined || split[version]! > 0)) online += count;
  return online;
}
