/** What a deployment leaves behind: the instances of the version before. */

import type { Backend } from './catalog.js';
import { formatTarget } from './catalog.js';
import { deployReason } from './drained.js';
import { limits } from './limits.js';
import type { Registration } from './registration.js';
import { targetMatcher } from './targets.js';

/** A backend before and after a switch. */
export interface Switched {
  before: Backend;
  after: Backend;
}

/** Matches the instances that callers of a backend are no longer sent to. */
export function replacedMatcher({ before, after }: Switched): (one: Registration) => boolean {
  const [wasMeant, isMeant] = [targetMatcher(before), targetMatcher(after)];
  return (one) => wasMeant(one) && !isMeant(one);
}

export interface Replaced {
  /** Those that only the backend before sent callers to. */
  own: Registration[];
  /** Those that another backend sends callers to, and the name of that backend. */
  shared: { registration: Registration; backend: string }[];
}

/** The instances among `registrations` that a switch has replaced. `backends`: all that there are. */
export function replacedIn(
  switched: Switched,
  registrations: readonly Registration[],
  backends: Iterable<Backend>,
): Replaced {
  const isReplaced = replacedMatcher(switched);
  const others = [...backends].filter(({ name }) => name !== switched.after.name);
  const matchers = others.map((backend) => ({ backend: backend.name, matches: targetMatcher(backend) }));
  const replaced: Replaced = { own: [], shared: [] };
  for (const registration of registrations) {
    if (!isReplaced(registration)) continue;
    const user = matchers.find(({ matches }) => matches(registration));
    if (user) replaced.shared.push({ registration, backend: user.backend });
    else replaced.own.push(registration);
  }
  return replaced;
}

/** The reason with which what a switch has replaced is drained. A rollback knows it again. */
export const replacedReason = ({ before, after }: Switched): string =>
  `${deployReason(after.name)} ${formatTarget(before)} -> ${formatTarget(after)}`.slice(0, limits.reason);
