/** Which drain rules drain what. */

import type { DrainRule, DrainRuleFields } from '../../model/drain-rule.js';
import { versionMatcher } from '../../model/version.js';

/** Matches the versions of its app that a rule drains. */
export const ruledVersions = ({ version }: Pick<DrainRuleFields, 'version'>): ((version: string) => boolean) =>
  version === undefined ? () => true : versionMatcher(version);

/** The rules that drain this version of an app, by name: first those that name it and nothing else. */
export function rulesOn(
  rules: ReadonlyMap<string, DrainRule>,
  { app, version }: { app: string; version: string },
): DrainRule[] {
  const found = [...rules.values()].filter((rule) => rule.app === app && ruledVersions(rule)(version));
  const rank = (rule: DrainRule): string => `${rule.version === version ? 0 : 1} ${rule.name}`;
  return found.sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
}
