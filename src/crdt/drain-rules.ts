/** The drain rules of a catalog at one moment, by what they drain. Never changed: another state is another object. */

import { daemonApp } from '../model/daemon.js';
import type { DrainRule } from '../model/drain-rule.js';
import { isRange, versionMatcher, type VersionMatcher } from '../model/version.js';

interface OfApp {
  /** By exact version. */
  readonly exact: Map<string, DrainRule>;
  /** Those for a range, or for every version, by name. */
  readonly others: { rule: DrainRule; matches: VersionMatcher }[];
}

const everyVersion: VersionMatcher = () => true;

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
    return rules.exact.get(version) ?? rules.others.find(({ matches }) => matches(version))?.rule;
  }

  /** The apps that it has rules for. */
  get apps(): Iterable<string> {
    return this.#ofApp.keys();
  }

  #add(rule: DrainRule): void {
    const { app, version } = rule;
    // Daemons are no instances that callers could be kept from.
    if (app === daemonApp) return;
    const { exact, others } = this.#ofApp.get(app) ?? { exact: new Map<string, DrainRule>(), others: [] };
    this.#ofApp.set(app, { exact, others });
    if (version === undefined) others.push({ rule, matches: everyVersion });
    else {
      if (isRange(version)) others.push({ rule, matches: versionMatcher(version) });
      if (!exact.has(version)) exact.set(version, rule);
    }
  }
}

/** Whether two rules look the same to those that they drain. */
export const sameRule = (a: DrainRule | undefined, b: DrainRule | undefined): boolean =>
  a === b || (a?.name === b?.name && a?.reason === b?.reason);
