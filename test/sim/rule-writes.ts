/** Drain rules that come, change and go, and whether every daemon shows what they say. */

import { dice, type Host } from '../helpers/world.js';
import type { DrainRule } from '../../src/model/drain-rule.js';
import type { Stage } from './stage.js';

export class RuleWrites {
  /** Dice of its own, so that what else happens in a run does not depend on them. */
  readonly #random: () => number;

  constructor(
    private readonly stage: Stage,
    seed: number,
  ) {
    this.#random = dice(seed * 2 + 77);
  }

  /** At moments of the next seconds, rules are written, changed or deleted at some daemon. */
  schedule(): void {
    for (let count = this.#below(3); count > 0; count--) this.stage.world.after(this.#below(5000), () => this.#write());
  }

  #write(): void {
    const running = this.stage.running.filter(({ daemon }) => daemon!.phase === 'running');
    const host = running[this.#below(running.length)];
    if (!host) return;
    const { drainRules } = host.daemon!.catalog;
    const app = `app${this.#below(3)}`;
    const version = this.#random() < 0.3 ? {} : { version: `1.${this.#below(2)}.0` };
    const name = `rule${this.#below(3)}`;
    const there = drainRules.find(name) !== undefined;
    const by = ['sim', { atLeast: 0 }] as const;
    const reason = `r${this.#below(3)}`;
    if (there && this.#random() < 0.5) drainRules.delete(name, ...by);
    else if (there) drainRules.update(name, { app, version: null, ...version, reason }, ...by);
    else drainRules.create({ name, app, ...version, reason }, ...by);
    this.stage.note(`drain rule ${name} at ${host.name}: ${JSON.stringify(drainRules.find(name))}`);
  }

  /** Whether each daemon shows as draining what its rules are about. Returns how many instances it found drained so. */
  check(): number {
    let drained = 0;
    for (const host of this.stage.places) {
      if (host.daemon?.phase !== 'running') continue;
      for (const one of host.daemon.registrations({})) {
        const isRuled = host.daemon.catalog.drainRules.list().some((rule) => drains(rule, one));
        if (isRuled && one.draining) drained++;
        if (isRuled && !one.draining) this.#report(host, `sends callers to ${one.id}, which a rule drains`);
        if (!isRuled && one.drainRule !== undefined)
          this.#report(host, `says that the rule ${one.drainRule} drains ${one.id}, which it does not`);
      }
      for (const app of ['app0', 'app1', 'app2'])
        for (const [version, count] of host.daemon.available(app)) {
          const taking = host.daemon.registrations({ app, version }).filter(({ draining }) => !draining).length;
          if (taking !== count) this.#report(host, `counts ${count} of ${app}@${version}, and shows ${taking}`);
        }
    }
    return drained;
  }

  #report({ name }: Host, what: string): void {
    this.stage.checker.report('drain rules', `${name} ${what}`);
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
}

/** Written anew here: what the daemons use for it may be wrong. Rules of a run name one version, or none. */
export const drains = (rule: DrainRule, { app, version }: { app: string; version: string }): boolean =>
  rule.app === app && (rule.version === undefined || rule.version === version);
