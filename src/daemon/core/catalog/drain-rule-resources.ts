/**
 * Drain rules: what always holds is that none leaves the callers of a frontend with nothing, unless its writer
 * overrides that.
 */

import { DrainRules } from '../../../crdt/drain-rules.js';
import { servedBy } from '../../../model/availability.js';
import { type Backend, type Target, versionsOf } from '../../../model/catalog.js';
import { daemonApp } from '../../../model/daemon.js';
import { changedRule, type DrainRule, type DrainRuleChange, type DrainRuleFields } from '../../../model/drain-rule.js';
import { InvalidError, NotReadyError, TooFewOnlineError } from '../../../model/errors.js';
import { type GuardContext, override, type Precondition } from './guards.js';
import { type NamedResources, type ResourceKind, ResourcesOfKind } from './named-resources.js';

export type DrainRuleResources = NamedResources<DrainRule, DrainRuleFields, DrainRuleChange, Precondition>;

const drainRuleKind: ResourceKind<DrainRule, DrainRuleFields, DrainRuleChange> = {
  name: 'drain-rule',
  label: 'drain rule',
  query: (drainRule) => ({ drainRule }),
  things: ({ drainRules }) => drainRules,
  conflicts: (catalog, name) => catalog.conflictsOfDrainRule(name),
  set: (catalog, name, fields) => catalog.setDrainRule(name, fields),
  created: (fields) => changedRule(fields, {}),
  updated: (before, change) => changedRule(before, change),
  fieldsOf: ({ resource: _, ...fields }) => fields,
};

export class DrainRulesOfCatalog extends ResourcesOfKind<DrainRule, DrainRuleFields, DrainRuleChange, Precondition> {
  constructor(private readonly context: GuardContext) {
    super(context, drainRuleKind);
  }

  protected guardChange(before: DrainRule | undefined, after: DrainRuleFields, terms?: Precondition): void {
    if (before) terms?.permit?.(before.app);
    this.guardCreation(after, terms);
  }

  protected guardCreation(fields: DrainRuleFields, { atLeast = 1, permit }: Precondition = {}): void {
    permit?.(fields.app);
    if (fields.app === daemonApp)
      throw new InvalidError(`'app' must not be '${daemonApp}': those are the daemons themselves`);
    if (atLeast > 0) this.#requireRest(fields, atLeast);
  }

  protected guardRemoval({ app }: DrainRule, { permit }: Precondition = {}): void {
    permit?.(app);
  }

  /** Throws TooFewOnlineError if this rule would leave too few instances for a backend that a frontend serves. */
  #requireRest(fields: DrainRuleFields, atLeast: number): void {
    const { app, name } = fields;
    const { backends, drainRules, frontends } = this.context.documents.catalog;
    const others = [...drainRules.values()].filter((rule) => rule.name !== name);
    const rules = new DrainRules([...others, { resource: 'DrainRule', ...fields }]);
    const [before, after] = [this.context.available(app), this.context.available(app, rules)];
    for (const frontend of frontends.values()) {
      const backend = backends.get(frontend.backend ?? '');
      if (backend?.app !== app) continue;
      const left = servedBy(backend, after);
      const isHit = left < servedBy(backend, before) || isWhollyOf(name, backend, rules);
      if (!isHit || left >= atLeast) continue;
      const found = left === 0 ? 'nothing' : `only ${left}`;
      const why = `the drain rule '${name}' would leave ${found} for backend '${backend.name}', which frontend '${frontend.name}' serves`;
      if (!this.context.isReady()) throw new NotReadyError(`${why}, as far as this daemon can know yet`);
      throw new TooFewOnlineError(`${why}: ${override('drain it')}`);
    }
  }
}

/** Whether this rule drains every version that a backend may send callers to. */
const isWhollyOf = (name: string, backend: Backend, rules: DrainRules): boolean =>
  weightedVersions(backend).every((version) => rules.of(backend.app, version)?.name === name);

const weightedVersions = (target: Target): string[] =>
  versionsOf(target).filter((version) => target.split === undefined || target.split[version]! > 0);
