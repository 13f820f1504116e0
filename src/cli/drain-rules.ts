/** Drain rules on the command line: added, ended, and told of. */

import type { Client } from '../client/index.js';
import {
  type DrainRule,
  endingCommand,
  formatScope,
  type SignedDrainRule,
  usualRuleName,
} from '../model/drain-rule.js';
import { ConflictError } from '../model/errors.js';
import type { Registration } from '../model/registration.js';

/** What a command is about: an app, or a version or range of it. */
export interface Scope {
  app: string;
  version?: string;
}

type RuleClient = Pick<Client, 'drainRules'>;

/**
 * Makes a rule for exactly this app and version, or gives the one that there is another reason. Throws
 * TooFewOnlineError if callers would be left with nothing.
 */
export async function addRule(
  { drainRules }: RuleClient,
  { app, version }: Scope,
  { reason, force }: { reason: string | undefined; force: boolean },
): Promise<DrainRule> {
  const terms = { atLeast: force ? 0 : 1 };
  const scope = { app, ...(version !== undefined && { version }) };
  const said = reason === undefined ? {} : { reason };
  const there = (await drainRules.list()).find((rule) => rule.app === app && rule.version === version);
  if (there) return reason === undefined ? there : drainRules.update(there.name, said, terms);
  return drainRules.create({ name: usualRuleName(scope), ...scope, ...said }, terms);
}

/** Ends every rule that is for this app and version, or for less. Returns them. */
export async function endRules({ drainRules }: RuleClient, scope: Scope): Promise<SignedDrainRule[]> {
  const ofApp = (await drainRules.list()).filter(({ app }) => app === scope.app);
  if (ofApp.length === 0) return [];
  const isMeant = await withinScope(scope);
  const meant = ofApp.filter(isMeant);
  for (const { name } of meant) await drainRules.delete(name);
  return meant;
}

/** A rule with a range is within the same range only, since what else it stands for depends on what comes. */
async function withinScope({ version }: Scope): Promise<(rule: DrainRule) => boolean> {
  if (version === undefined) return () => true;
  const { isRange, versionMatcher } = await import('../model/version.js');
  const matches = versionMatcher(version);
  return (rule) =>
    rule.version === version || (rule.version !== undefined && !isRange(rule.version) && matches(rule.version));
}

/** Throws ConflictError if rules still drain any of these instances: a decision on an instance does not end a rule. */
export async function refuseRuled(client: RuleClient, instances: readonly Registration[]): Promise<void> {
  const ruled = instances.filter(({ drainRule }) => drainRule !== undefined);
  const [first] = ruled;
  if (!first) return;
  const names = new Set(ruled.map(({ drainRule }) => drainRule!));
  const rules = (await client.drainRules.list()).filter(({ name }) => names.has(name));
  const what = ruled.length === 1 ? `${first.id} is` : `${ruled.length} instances, such as ${first.id}, are`;
  const by = [...names].map((name) => `'${name}'`).join(', ');
  const how = rules.map((rule) => `'${endingCommand(rule)}'`).join(', ');
  throw new ConflictError(
    `${what} still draining by the rule${names.size === 1 ? '' : 's'} ${by}: end ${names.size === 1 ? 'it' : 'them'} with ${how}`,
  );
}

/** `rule web@1.0.0 drains web@1.0.0`. */
export const ruleLine = (rule: DrainRule): string => `rule ${rule.name} drains all of ${formatScope(rule)}`;
