/** Which instances are unhealthy: the daemon is asked for them, since events say only when one becomes so. */

import { effect } from '@preact/signals';
import type { Registration } from '../model/registration.js';
import { api, ApiError, type Listed } from './api.js';
import { board, caveats, daemons, listUnhealthy } from './store.js';

/** Asks at each look at the daemons, for as long as the page is open. A list that has not changed is not sent again. */
export function followUnhealthy(): void {
  let known: Listed<Registration> = { list: [], etag: undefined };
  let isAsking = false;
  const ask = async (): Promise<void> => {
    if (isAsking) return;
    isAsking = true;
    const before = board.unhealthy();
    try {
      known = (await api.unhealthy(known.etag)) ?? known;
      const { warming, stale } = caveats.peek();
      // A daemon that has just started, or is cut off, cannot tell that one has ended.
      listUnhealthy(known.list, warming || stale ? new Map() : before);
    } catch (error) {
      // The stream says that the daemon is gone.
      if (!(error instanceof ApiError)) throw error;
    } finally {
      isAsking = false;
    }
  };
  effect(() => {
    if (daemons.value.length > 0) void ask();
  });
}
