/** What the caller of the daemon may do, so that what is refused is not offered. The daemon decides in any case. */

import { signal } from '@preact/signals';
import type { Need } from '../model/roles.js';
import { refusalOf, type WhoAmI } from '../model/whoami.js';
import { api, ApiError } from './api.js';

/** Undefined until the daemon has said. */
export const me = signal<WhoAmI | undefined>(undefined);

let asked = 0;

/** Asks the daemon. If it refuses, the stream of events says why. */
export async function lookAtAccess(): Promise<void> {
  const turn = ++asked;
  const found = await api.whoAmI().catch((error: unknown) => {
    if (!(error instanceof ApiError)) throw error;
    return undefined;
  });
  // An answer to what was asked before, with another token, may come later.
  if (turn === asked) me.value = found;
}

/** Why this may not be done; undefined if it may, or that is unknown. */
export const refusedFor = (need: Exclude<Need, 'nothing'>, app: string | undefined): string | undefined =>
  me.value && refusalOf(me.value, need, app);
