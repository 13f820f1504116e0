/** The edits that make the catalog match a file. */

import type { Backend, BackendFields, Frontend, FrontendFields } from '../../model/catalog.js';
import { formatTarget, retarget } from '../../model/catalog.js';
import { InvalidError } from '../../model/errors.js';

/** Backends and frontends as they are to be. */
export interface Wanted {
  backends: readonly BackendFields[];
  frontends: readonly FrontendFields[];
}

/** One edit of the catalog. `from` and `to` are printable; one of them is absent for a creation or deletion. */
export type Step =
  | {
      action: 'create' | 'update';
      kind: 'backend';
      name: string;
      from?: string;
      to: string;
      fields: BackendFields;
    }
  | {
      action: 'create' | 'update';
      kind: 'frontend';
      name: string;
      from?: string;
      to: string;
      fields: FrontendFields;
    }
  | { action: 'delete'; kind: 'backend' | 'frontend'; name: string; from: string };

/**
 * The edits that lead from `current` to `wanted`, in an order in which no frontend ever names a missing backend:
 * backends first, then frontends, then deletions.
 *
 * @param prune  whether to delete what is not in the file; otherwise it stays
 * @throws InvalidError for a frontend that has a backend and is to have none, which no single edit does
 */
export function plan(
  current: { backends: readonly Backend[]; frontends: readonly Frontend[] },
  wanted: Wanted,
  prune: boolean,
): Step[] {
  return [
    ...wanted.backends.flatMap((fields) => backendStep(named(current.backends, fields.name), fields)),
    ...wanted.frontends.flatMap((fields) => frontendStep(named(current.frontends, fields.name), fields)),
    ...(prune ? superfluous('frontend', current.frontends, wanted.frontends, servedBy) : []),
    ...(prune ? superfluous('backend', current.backends, wanted.backends, formatTarget) : []),
  ];
}

const named = <T extends { name: string }>(things: readonly T[], name: string): T | undefined =>
  things.find((thing) => thing.name === name);

function backendStep(before: Backend | undefined, fields: BackendFields): Step[] {
  // Splits are compared as they are kept, whatever the order in which the file names their versions.
  const to = formatTarget(retarget(fields, {}));
  const { name } = fields;
  if (!before) return [{ action: 'create', kind: 'backend', name, to, fields }];
  const from = formatTarget(before);
  return from === to ? [] : [{ action: 'update', kind: 'backend', name, from, to, fields }];
}

function frontendStep(before: Frontend | undefined, fields: FrontendFields): Step[] {
  const { name } = fields;
  const to = servedBy(fields);
  if (!before) return [{ action: 'create', kind: 'frontend', name, to, fields }];
  const from = servedBy(before);
  if (from === to) return [];
  if (fields.backend === undefined)
    throw new InvalidError(`frontend '${name}' serves '${from}': give it a backend, or leave it out and prune`);
  return [{ action: 'update', kind: 'frontend', name, from, to, fields }];
}

const servedBy = ({ backend }: Pick<Frontend, 'backend'>): string => backend ?? 'no backend yet';

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
  const what = `${step.kind} ${step.name}`;
  if (step.action === 'create') return `+ ${what}: ${step.to}`;
  if (step.action === 'delete') return `- ${what}: ${step.from}`;
  return `~ ${what}: ${step.from} -> ${step.to}`;
}
