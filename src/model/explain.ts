/** Why an instance is, or is not, among those that the callers of a frontend are sent to. */

import type { Backend, Frontend, Target } from './catalog.js';
import { formatVersions } from './catalog.js';
import type { SignedDrainRule } from './drain-rule.js';
import type { Caveats } from './events.js';
import type { Registration } from './registration.js';
import { targetMatcher } from './targets.js';
import { allWarm, type Freshness, warmUpSteps } from './warm-up.js';

export type ExplainCode =
  /** The frontend names no backend, or one that does not exist. */
  | 'no-backend'
  | 'other-app'
  | 'other-version'
  /** Its version has the weight 0 in the split. */
  | 'weight-0'
  | 'draining'
  | 'unhealthy'
  /** No registration of this id is online. */
  | 'offline';

export interface ExplainReason {
  code: ExplainCode;
  message: string;
  /** The drain rule that drains it; absent for a drain of the instance itself. */
  drainRule?: string;
  /** Unix ms, as in the registration: when its drain ends by itself. */
  drainUntil?: number;
}

export interface Explanation {
  /** Whether callers of the frontend are sent to it. */
  served: boolean;
  /** Its share of the requests, from 0 to 1. */
  share: number;
  /** All that keeps callers from it; empty if they are sent to it. */
  reasons: ExplainReason[];
}

/** The answer to `GET /explain`. */
export interface ExplainAnswer extends Explanation, Caveats {
  /** The id of the instance. */
  registration: string;
  frontend: string;
  /** The backend that the frontend names, if it names one. */
  backend?: string;
}

/** An instance as it is now. */
export interface Explained extends Pick<Registration, 'app' | 'version'> {
  id?: string;
  state: 'online' | 'unhealthy' | 'offline';
  draining?: boolean;
  drainReason?: string | undefined;
  drainRule?: string;
  /** The drain rule that holds for it, whether or not it drains for another reason as well. */
  rule?: SignedDrainRule | undefined;
  drainUntil?: number | undefined;
  /** What the health check said. */
  unhealthy?: string | undefined;
}

/**
 * @param backend    the one that `frontend` names; undefined if it does not exist
 * @param available  how many instances of each version of the backend's app are online and not draining
 * @param fresh      those of them that are not warm
 */
export function explain(
  instance: Explained,
  frontend: Pick<Frontend, 'name' | 'backend'>,
  backend: Backend | undefined,
  available: ReadonlyMap<string, number>,
  fresh: Freshness = allWarm,
): Explanation {
  const reasons = [...reasonsOf(instance, frontend, backend)];
  const served = reasons.length === 0;
  return { served, share: served ? shareOf(backend!, instance, available, fresh) : 0, reasons };
}

/** What is known of the rule that holds for it: at least what the registration says. */
const ruleOn = ({
  rule,
  drainRule,
  drainReason,
}: Explained): Pick<SignedDrainRule, 'name' | 'reason' | 'author'> | undefined =>
  rule ?? (drainRule === undefined ? undefined : { name: drainRule, ...(drainReason && { reason: drainReason }) });

const because = (reason: string | undefined): string => (reason ? `: ${reason}` : '');

function* reasonsOf(
  instance: Explained,
  { name, backend: named }: Pick<Frontend, 'name' | 'backend'>,
  backend: Backend | undefined,
): Iterable<ExplainReason> {
  if (instance.state === 'offline') yield { code: 'offline', message: 'it is not online' };
  if (instance.state === 'unhealthy')
    yield { code: 'unhealthy', message: `its health check fails: ${instance.unhealthy ?? 'it does not say why'}` };
  if (instance.draining && instance.drainRule === undefined) yield drainOf(instance);
  const rule = ruleOn(instance);
  if (rule && instance.state !== 'offline') {
    const by = rule.author === undefined ? '' : ` by ${rule.author}`;
    const message = `the rule '${rule.name}'${by} drains it${because(rule.reason)}`;
    yield { code: 'draining', message, drainRule: rule.name };
  }
  if (!backend)
    yield {
      code: 'no-backend',
      message: named === undefined ? `'${name}' serves no backend` : `the backend '${named}' does not exist`,
    };
  else if (backend.app !== instance.app)
    yield { code: 'other-app', message: `the backend '${backend.name}' is for the app '${backend.app}'` };
  else if (!targetMatcher(backend)(instance))
    yield {
      code: 'other-version',
      message: `the backend '${backend.name}' sends callers to ${formatVersions(backend)}`,
    };
  else if (backend.split?.[instance.version] === 0)
    yield { code: 'weight-0', message: `its version has the weight 0 in the backend '${backend.name}'` };
}

function drainOf({ drainReason, drainUntil }: Explained): ExplainReason {
  const how = drainUntil === undefined ? 'it drains' : 'it drains for a time';
  return {
    code: 'draining',
    message: `${how}${because(drainReason)}`,
    ...(drainUntil !== undefined && { drainUntil }),
  };
}

/**
 * The share of the requests, from 0 to 1, that one instance of a version gets. Weights are of versions, and versions
 * without instances leave theirs to the others (weights.ts).
 */
export function shareOf(
  target: Target,
  { id = '', version }: Pick<Explained, 'id' | 'version'>,
  available: ReadonlyMap<string, number>,
  fresh: Freshness = allWarm,
): number {
  const matches = targetMatcher(target);
  const { app, split } = target;
  const missing = new Map<string, number>();
  for (const [one, quarters] of fresh) {
    const of = one.split('/', 2)[1]!;
    missing.set(of, (missing.get(of) ?? 0) + warmUpSteps - quarters);
  }
  let [all, own] = [0, 0];
  for (const [candidate, count] of available) {
    if (count === 0 || !matches({ app, version: candidate })) continue;
    const size = warmUpSteps * count - (missing.get(candidate) ?? 0);
    const part = split === undefined ? size : split[candidate]!;
    all += part;
    if (candidate === version) own = (part / size) * (fresh.get(id) ?? warmUpSteps);
  }
  return all === 0 ? 0 : own / all;
}
