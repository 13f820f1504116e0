/** The drain rules of a catalog at one moment, by what they drain. Never changed: another state is another object. */

import { daemonApp } from '../model/daemon.js';
import type { DrainRule } from '../model/drain-rule.js';
import { isRange, versionMatcher, type VersionMatcher } from '../model/version.js';

interface OfApp {
  /** By exact version. */
  readonly exact: Map<string, DrainRule>;
  /** Those for a range, or for every version, by name. */
  readonly others: { rule: DrainRule; matches: VersionMatcher }[];
  /** What was found, by version: each instance asks for its own, and there are more instances than versions. */
  readonly found: Map<string, DrainRule | undefined>;
}

/** How many versions of an app are remembered: clients may ask for any. */
const remembered = 10_000;

const everyVersion: VersionMatcher = () => true;

/** The matcher of each rule; undefined if it names one version alone. Parsing a range takes long. */
const matchers = new WeakMap<DrainRule, { matches: VersionMatcher | undefined }>();

export class DrainRules {
  static readonly none = new DrainRules([]);

  readonly #ofApp = new Map<string, OfApp>();

  constructor(rules: Iterable<DrainRule>) {
    // By name, so that all daemons name the same one of several that match.
    for (const rule of [...rules].sort((a, b) => (a.name < b.name ? -1 : 1))) this.#add(rule);
  }

  /**
   * The rule that drains this version of an app: one that names it exactly, else the first by name. Undefined if there
   * is none.
   */
  of(app: string, version: string): DrainRule | undefined {
    const rules = this.#ofApp.get(app);
    if (!rules) return undefined;
    const { exact, others, found } = rules;
    const known = found.get(version);
    if (known || found.has(version)) return known;
    const rule = exact.get(version) ?? others.find(({ matches }) => matches(version))?.rule;
    if (found.size < remembered) found.set(version, rule);
    return rule;
  }

  /** The apps that it has rules for. */
  get apps(): Iterable<string> {
    return this.#ofApp.keys();
  }

  #add(rule: DrainRule): void {
    const { app, version } = rule;
    // Daemons are no instances that callers could be kept from.
    if (app === daemonApp) return;
    const ofApp: OfApp = this.#ofApp.get(app) ?? { exact: new Map(), others: [], found: new Map() };
    this.#ofApp.set(app, ofApp);
    const matches = matcherOf(rule);
    if (matches) ofApp.others.push({ rule, matches });
    if (version !== undefined && !ofApp.exact.has(version)) ofApp.exact.set(version, rule);
  }
}

function matcherOf(rule: DrainRule): VersionMatcher | undefined {
  const { version } = rule;
  if (version === undefined) return everyVersion;
  let known = matchers.get(rule);
  if (!known) matchers.set(rule, (known = { matches: isRange(version) ? versionMatcher(version) : undefined }));
  return known.matches;
}

/** Whether two rules look the same to those that they drain. */
export const sameRule = (a: DrainRule | undefined, b: DrainRule | undefined): boolean =>
  a === b || (a?.name === b?.name && a?.reason === b?.reason);
