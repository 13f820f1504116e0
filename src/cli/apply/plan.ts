/** The edits that make the catalog match a file. */

import type {
  Backend,
  BackendChange,
  BackendFields,
  Frontend,
  FrontendFields,
  Routing,
  Target,
} from '../../model/catalog.js';
import { reroute, retarget, rewarm } from '../../model/catalog.js';
import { type DrainRule, type DrainRuleChange, type DrainRuleFields, ruleText } from '../../model/drain-rule.js';
import { InvalidError } from '../../model/errors.js';
import { backendText, withRouting } from '../../model/routing.js';

/** Without `routing`, it stays as it is; null removes it. The same holds for the warm-up of a backend. */
interface Rerouted {
  routing?: Routing | null;
}
export type WantedBackend = { name: string } & Target & Rerouted & Pick<BackendChange, 'warmupMs'>;
export type WantedFrontend = Omit<FrontendFields, 'routing'> & Rerouted;

/** The catalog as it is to be. */
export interface Wanted {
  backends: readonly WantedBackend[];
  frontends: readonly WantedFrontend[];
  /** Absent: the file says nothing of them, and they stay as they are, whatever is pruned. */
  drainRules?: readonly DrainRuleFields[];
}

/** One edit of the catalog. `from` and `to` are printable; one of them is absent for a creation or deletion. */
export type Step =
  | { action: 'create'; kind: 'backend'; name: string; to: string; fields: BackendFields }
  | { action: 'update'; kind: 'backend'; name: string; from: string; to: string; fields: WantedBackend }
  | { action: 'create'; kind: 'frontend'; name: string; to: string; fields: FrontendFields }
  | { action: 'update'; kind: 'frontend'; name: string; from: string; to: string; fields: WantedFrontend }
  | { action: 'create'; kind: 'drain-rule'; name: string; to: string; fields: DrainRuleFields }
  | { action: 'update'; kind: 'drain-rule'; name: string; from: string; to: string; fields: DrainRuleChange }
  | { action: 'delete'; kind: Kind; name: string; from: string };

type Kind = 'backend' | 'frontend' | 'drain-rule';

/**
 * The edits that lead from `current` to `wanted`, in an order in which no frontend ever names a missing backend:
 * backends, frontends, drain rules, then deletions. Drain rules are deleted first, since more instances take part then.
 *
 * @param prune  whether to delete what is not in the file; otherwise it stays
 * @throws InvalidError for a frontend that has a backend and is to have none, which no single edit does
 */
export function plan(
  current: { backends: readonly Backend[]; frontends: readonly Frontend[]; drainRules: readonly DrainRule[] },
  wanted: Wanted,
  prune: boolean,
): Step[] {
  const { drainRules = [] } = wanted;
  return [
    ...(prune && wanted.drainRules ? superfluous('drain-rule', current.drainRules, drainRules, ruleText) : []),
    ...wanted.backends.flatMap((fields) => backendStep(named(current.backends, fields.name), fields)),
    ...wanted.frontends.flatMap((fields) => frontendStep(named(current.frontends, fields.name), fields)),
    ...drainRules.flatMap((fields) => drainRuleStep(named(current.drainRules, fields.name), fields)),
    ...(prune ? superfluous('frontend', current.frontends, wanted.frontends, frontendText) : []),
    ...(prune ? superfluous('backend', current.backends, wanted.backends, backendText) : []),
  ];
}

const named = <T extends { name: string }>(things: readonly T[], name: string): T | undefined =>
  things.find((thing) => thing.name === name);

function backendStep(before: Backend | undefined, fields: WantedBackend): Step[] {
  // Splits are compared as they are kept, whatever the order in which the file names their versions.
  const after = { ...retarget(fields, {}), ...rewarm(before ?? {}, fields), ...reroute(before ?? {}, fields) };
  const { name } = fields;
  const to = backendText(after);
  if (!before) return [{ action: 'create', kind: 'backend', name, to, fields: { name, ...after } }];
  const from = backendText(before);
  return from === to ? [] : [{ action: 'update', kind: 'backend', name, from, to, fields }];
}

function frontendStep(before: Frontend | undefined, fields: WantedFrontend): Step[] {
  const { routing: _, ...rest } = fields;
  const after = { ...rest, ...reroute(before ?? {}, fields) };
  const { name, backend } = fields;
  const to = frontendText(after);
  if (!before) return [{ action: 'create', kind: 'frontend', name, to, fields: after }];
  const from = frontendText(before);
  if (from === to) return [];
  if (backend === undefined && before.backend !== undefined)
    throw new InvalidError(
      `frontend '${name}' serves '${before.backend}': give it a backend, or leave it out and prune`,
    );
  return [{ action: 'update', kind: 'frontend', name, from, to, fields }];
}

function drainRuleStep(before: DrainRule | undefined, fields: DrainRuleFields): Step[] {
  const { name } = fields;
  const to = ruleText(fields);
  if (!before) return [{ action: 'create', kind: 'drain-rule', name, to, fields }];
  const from = ruleText(before);
  // What the file does not give is to be gone.
  const change = { version: null, reason: null, ...fields };
  return from === to ? [] : [{ action: 'update', kind: 'drain-rule', name, from, to, fields: change }];
}

const frontendText = (frontend: Pick<Frontend, 'backend' | 'routing'>): string =>
  withRouting(frontend.backend ?? 'no backend yet', frontend);

function superfluous<T extends { name: string }>(
  kind: Step['kind'],
  current: readonly T[],
  wanted: readonly { name: string }[],
  print: (thing: T) => string,
): Step[] {
  return current
    .filter(({ name }) => !named(wanted, name))
    .map((thing) => ({ action: 'delete', kind, name: thing.name, from: print(thing) }));
}

/** A step as a line of a diff. */
export function printStep(step: Step): string {
  const what = `${step.kind.replace('-', ' ')} ${step.name}`;
  if (step.action === 'create') return `+ ${what}: ${step.to}`;
  if (step.action === 'delete') return `- ${what}: ${step.from}`;
  return `~ ${what}: ${step.from} -> ${step.to}`;
}
