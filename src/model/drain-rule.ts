/** Drain rules: each drains every instance of an app, or of some of its versions, including those that come later. */

import { limits } from './limits.js';
import type { Registration } from './registration.js';

export interface DrainRuleFields {
  name: string;
  app: string;
  /** Exact, or a semver range. Absent: every version. */
  version?: string;
  /** Why, for other operators. */
  reason?: string;
}

export interface DrainRule extends DrainRuleFields {
  resource: 'DrainRule';
}

/** A change of a drain rule: absent fields stay, null removes them. */
export interface DrainRuleChange {
  name?: string;
  app?: string;
  version?: string | null;
  reason?: string | null;
}

/** A drain rule with the author and the time (Unix ms) of its last edit; absent if they are not known. */
export type SignedDrainRule = DrainRule & { author?: string; at?: number };

/** What it drains: `web@1.0.0`, or `web` for every version. */
export const formatScope = ({ app, version }: Pick<DrainRuleFields, 'app' | 'version'>): string =>
  version === undefined ? app : `${app}@${version}`;

/** A drain rule in one line, without its name: `web@1.0.0 (kernel update)`. */
export const ruleText = ({ reason, ...scope }: Omit<DrainRuleFields, 'name'>): string =>
  reason === undefined ? formatScope(scope) : `${formatScope(scope)} (${reason})`;

/** How many of these a rule keeps from counting, as the end of a message; empty if none. */
export function ruledText(registrations: readonly Pick<Registration, 'drainRule'>[]): string {
  const ruled = registrations.filter(({ drainRule }) => drainRule !== undefined);
  return ruled.length === 0 ? '' : ` (the rule '${ruled[0]!.drainRule}' drains ${ruled.length})`;
}

/** The usual name of a rule: what it drains. Names have no spaces. */
export const usualRuleName = (scope: Pick<DrainRuleFields, 'app' | 'version'>): string =>
  formatScope(scope).replaceAll(/\s+/g, ',').slice(0, limits.name);

/** The fields after a change. */
export function changedRule(before: DrainRuleFields, change: DrainRuleChange): DrainRuleFields {
  const { name, app } = before;
  const version = change.version === undefined ? before.version : change.version;
  const reason = change.reason === undefined ? before.reason : change.reason;
  return {
    name,
    app: change.app ?? app,
    ...(typeof version === 'string' && { version }),
    ...(typeof reason === 'string' && { reason }),
  };
}

/** The command that ends a rule. */
export const endingCommand = ({ app, version }: Pick<DrainRuleFields, 'app' | 'version'>): string =>
  ['bender undrain --app', app, ...(version === undefined ? [] : ['--version', quoted(version)]), '--rule'].join(' ');

const quoted = (word: string): string => (/^[\w.@+-]+$/.test(word) ? word : `"${word}"`);
