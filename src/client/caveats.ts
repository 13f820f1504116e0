/** The marks with which a daemon qualifies its answer: it has just started, or is cut off. */

import type { IncomingHttpHeaders } from 'node:http';
import type { Caveats } from '../model/events.js';

export const caveatsIn = (headers: IncomingHttpHeaders): Caveats => ({
  ...(headers['x-bender-warming'] && { warming: true }),
  ...(headers['x-bender-stale'] && { stale: true }),
});

/** Why an answer must not be acted upon; undefined if it may be. */
export function doubtsIn({ warming, stale }: Caveats): string | undefined {
  if (warming) return 'it has just started, services may not have shown up yet';
  return stale ? 'it is cut off from most of the other daemons' : undefined;
}
