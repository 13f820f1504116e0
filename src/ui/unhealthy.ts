/**
 * Asks the daemon about instances that are not online. An event says that an instance has become unhealthy, but none
 * that an unhealthy one has ended; and a snapshot has none of those that are unhealthy.
 */

import { effect } from '@preact/signals';
import type { ExplainReason } from '../model/explain.js';
import { api, ApiError } from './api.js';
import { hasEnded, ofInstance } from './state/instance-reasons.js';
import { board, daemons, forgetUnhealthy } from './store.js';

/**
 * What keeps callers from an instance, whatever the frontend; undefined if that is unknown. One that has ended is no
 * longer shown as unhealthy.
 */
export async function askAbout(id: string): Promise<ExplainReason[] | undefined> {
  // The daemon is asked about an instance and a frontend.
  const [frontend] = board.frontends.keys();
  if (frontend === undefined) return undefined;
  try {
    const answer = await api.explain(id, frontend);
    if (hasEnded(answer)) forgetUnhealthy(id);
    return ofInstance(answer);
  } catch (error) {
    // The stream says that the daemon is gone.
    if (!(error instanceof ApiError)) throw error;
    return undefined;
  }
}

/** Instances that are asked about at each look at the daemons. Others have their turn at a later one. */
const most = 8;

/** Asks about the unhealthy instances of the board, for as long as the page is open. */
export function followUnhealthy(): void {
  let at = 0;
  effect(() => {
    void daemons.value;
    const ids = [...board.groups.values()].flatMap(({ unhealthy }) => [...unhealthy.keys()]);
    if (at >= ids.length) at = 0;
    for (const id of ids.slice(at, at + most)) void askAbout(id);
    at += most;
  });
}
