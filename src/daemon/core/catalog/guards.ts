/** What a write to the catalog must meet, so that callers are not sent to nothing. */

import type { DrainRules } from '../../../crdt/drain-rules.js';
import { availabilityOf } from '../../../model/availability.js';
import { type Target, versionsOf } from '../../../model/catalog.js';
import { NotReadyError, TooFewOnlineError } from '../../../model/errors.js';
import { targetMatcher } from '../../../model/targets.js';
import type { ResourceContext } from './named-resources.js';

/**
 * How many instances of each version of an app are online and not draining; with `rules`, if these drain rules were in
 * force.
 */
export type Available = (app: string, rules?: DrainRules) => ReadonlyMap<string, number>;

/** How many instances of a new target must be online. */
export interface Precondition {
  /** Default 1; 0: whatever is online. */
  atLeast?: number;
  /**
   * Throws if the writer may not change resources of this app; undefined for resources without an app. Default: it may.
   */
  permit?: (app: string | undefined) => void;
}

/** What the guards read. */
export interface GuardContext extends ResourceContext {
  /** Whether this daemon's view can be trusted. */
  readonly isReady: () => boolean;
  readonly available: Available;
}

/** Throws TooFewOnlineError if too few instances are online to serve the callers of a backend. */
export function requireOnline(
  context: GuardContext,
  target: Target,
  deed: string,
  { atLeast = 1 }: Precondition = {},
): void {
  if (atLeast <= 0) return;
  const available = context.available(target.app);
  const { what, online } = availabilityOf(target, available);
  if (online >= atLeast) return;
  const found = online === 0 ? 'nothing' : `only ${online}, not ${atLeast},`;
  const drained = whyDrained(target, available.keys(), context.documents.catalog.ruling);
  const why = `${found} of ${what} is online and not draining${drained}`;
  if (!context.isReady()) throw new NotReadyError(`${why}, as far as this daemon can know yet`);
  throw new TooFewOnlineError(`${why}: ${override(deed)}`);
}

/**
 * Why instances of `target` are draining, as the end of a message: empty if no rule drains any.
 *
 * @param versions  those of its app that are online
 */
function whyDrained(target: Target, versions: Iterable<string>, rules: DrainRules): string {
  const isTargeted = targetMatcher(target);
  const meant = [...versions].filter((version) => isTargeted({ app: target.app, version }));
  for (const version of [...versionsOf(target), ...meant]) {
    const rule = rules.of(target.app, version);
    if (rule) return ` (the rule '${rule.name}' drains ${meant.includes(version) ? version : 'it'})`;
  }
  return '';
}

/** The flag of the command line; over HTTP it is `?force=true`. */
export const override = (deed: string): string => `to ${deed} all the same, use --force`;
