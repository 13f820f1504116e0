/** Restores a former state of a backend, frontend or drain rule. */

import type { Client } from '../client/index.js';
import type { Backend, Frontend } from '../model/catalog.js';
import type { DrainRule } from '../model/drain-rule.js';
import { withUndrained } from '../model/drained.js';
import { checkEditId, type Edit } from '../model/history.js';
import { limits } from '../model/limits.js';
import type { Registration } from '../model/registration.js';
import { catalogText } from '../model/routing.js';
import { drainedInstances, setStateBy } from './replaced.js';

/** The state before and after the rollback. `before` is absent if the resource did not exist. */
export interface Restored {
  before?: Backend | Frontend | DrainRule;
  after: Backend | Frontend | DrainRule;
}

/**
 * Undoes the last edit, or goes back to the edit `to`. The edit that is undone is named to the daemon, so that one
 * rollback never undoes another one, whatever is sent twice.
 *
 * @param last  the last edit of that name
 */
export async function rollBack(
  client: Client,
  kind: Edit['kind'],
  name: string,
  last: Edit | undefined,
  { to, force }: { to?: string | undefined; force: boolean },
): Promise<Restored> {
  if (to !== undefined) checkEditId('to', to);
  const which = to === undefined ? { of: last?.id } : { to };
  const options = { ...which, ...(force && { atLeast: 0 }) };
  const after = await restore();
  return { ...(last?.to && { before: last.to }), after };

  async function restore(): Promise<Restored['after']> {
    if (kind === 'frontend') return client.rollbackFrontend(name, options);
    if (kind === 'drain-rule') return client.drainRules.rollback(name, options);
    const drained = await drainedFor(client, name, last, to);
    return withUndrained(drained, setStateBy(client), () => client.rollbackBackend(name, options));
  }
}

/** The instances that have to take part again: those of the state to restore that a deployment has drained. */
async function drainedFor(
  client: Client,
  name: string,
  last: Edit | undefined,
  to: string | undefined,
): Promise<Registration[]> {
  const target = await targetOf(client, name, last, to);
  return target ? drainedInstances(client, name, target) : [];
}

/** The state of a backend to restore; undefined if that is unknown, or the backend did not exist. */
async function targetOf(
  client: Client,
  name: string,
  last: Edit | undefined,
  to: string | undefined,
): Promise<Backend | undefined> {
  if (to === undefined) return last?.kind === 'backend' ? last.from : undefined;
  const edits = await client.history({ backend: name, limit: limits.history });
  const edit = edits.find(({ id }) => id.startsWith(to));
  return edit?.kind === 'backend' ? edit.to : undefined;
}

/** `web: web@2.0.0 -> web@1.0.0`. */
export function restoredLine({ before, after }: Restored): string {
  const [from, to] = [before ? catalogText(before) : 'removed', catalogText(after)];
  return from === to ? `${after.name}: ${to} already` : `${after.name}: ${from} -> ${to}`;
}
