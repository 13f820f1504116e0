/** What the caller of the daemon may do, so that what is refused is not offered. The daemon decides in any case. */

import { signal } from '@preact/signals';
import type { Need } from '../model/roles.js';
import { refusalOf, type WhoAmI } from '../model/whoami.js';
import { api, ApiError } from './api.js';

/** Undefined until the daemon has said. */
export const me = signal<WhoAmI | undefined>(undefined);

/** Asks the daemon. If it refuses, the stream of events says why. */
export async function lookAtAccess(): Promise<void> {
  try {
    me.value = await api.whoAmI();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    me.value = undefined;
  }
}

/** Why this may not be done; undefined if it may, or that is unknown. */
export const refusedFor = (need: Exclude<Need, 'nothing'>, app: string | undefined): string | undefined =>
  me.value && refusalOf(me.value, need, app);
