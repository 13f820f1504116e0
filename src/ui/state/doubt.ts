/** Why what the page says of an instance may be wrong. */

import type { Caveats } from '../../model/events.js';

/** Undefined if it can be trusted. */
export function doubtText({ warming, stale }: Caveats): string | undefined {
  if (stale)
    return 'This daemon is cut off from most of the others. This is what it knew last, and it may be wrong now.';
  if (warming) return 'This daemon has just started. It may not know all services yet.';
  return undefined;
}
