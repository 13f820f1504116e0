/** What a daemon says of how far its answer can be trusted. */

import type { IncomingHttpHeaders } from 'node:http';
import type { Caveats } from '../model/events.js';

export const caveatsIn = (headers: IncomingHttpHeaders): Caveats => ({
  ...(headers['x-bender-warming'] && { warming: true }),
  ...(headers['x-bender-stale'] && { stale: true }),
});

/** Why what a daemon says is not to be acted upon; undefined if it may be. */
export function doubtsIn({ warming, stale }: Caveats): string | undefined {
  if (warming) return 'it has just started, services may not have shown up yet';
  return stale ? 'it is cut off from most of the other daemons' : undefined;
}
