/** Going back to what a backend or frontend was. */

import type { Client } from '../client/index.js';
import { type Backend, formatTarget, type Frontend } from '../model/catalog.js';
import type { Edit } from '../model/history.js';
import { servedText } from './listings.js';

/** What was undone, and what it is now. `before` is missing if it was not there. */
export interface Restored {
  before?: Backend | Frontend;
  after: Backend | Frontend;
}

/**
 * Undoes the last edit, or goes back to the edit `to`. The edit that is undone is named to the daemon, so that one
 * rollback never undoes another one, whatever is sent twice.
 *
 * @param last  the last edit of that name
 */
export async function rollBack(
  client: Client,
  kind: 'backend' | 'frontend',
  name: string,
  last: Edit | undefined,
  { to, force }: { to?: string | undefined; force: boolean },
): Promise<Restored> {
  const which = to === undefined ? { of: last?.id } : { to };
  const options = { ...which, ...(force && { atLeast: 0 }) };
  const after =
    kind === 'backend'
      ? await client.rollbackBackend(name, options)
      : await client.rollbackFrontend(name, options);
  return { ...(last?.to && { before: last.to }), after };
}

/** `web: web@2.0.0 -> web@1.0.0`. */
export function restoredLine({ before, after }: Restored): string {
  const [from, to] = [before ? textOf(before) : 'removed', textOf(after)];
  return from === to ? `${after.name}: ${to} already` : `${after.name}: ${from} -> ${to}`;
}

const textOf = (thing: Backend | Frontend): string =>
  thing.resource === 'Backend' ? formatTarget(thing) : servedText(thing);
