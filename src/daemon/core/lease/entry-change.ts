/** What a registration says anew of an entry. */

import { type Entry, sameMeta } from '../../../crdt/entry.js';
import type { RegistrationOptions } from '../../../model/registration.js';
import type { EntryChange } from '../replication/frame.js';

/** What `wanted` says of the value; undefined where it says nothing. */
export function changeOf({ ttl, meta, unhealthy }: RegistrationOptions): EntryChange | undefined {
  if (ttl === undefined && meta === undefined && unhealthy === undefined) return undefined;
  return {
    ...(ttl !== undefined && { ttl }),
    ...(meta && { meta }),
    ...(unhealthy !== undefined && { unhealthy: unhealthy ?? '' }),
  };
}

/** What of `wanted` is not so already; undefined where all of it is. Absent fields keep their value. */
export const differenceTo = (entry: Entry, { ttl, meta, unhealthy }: RegistrationOptions): EntryChange | undefined =>
  changeOf({
    ...(ttl !== undefined && ttl !== entry.ttl && { ttl }),
    ...(meta && !sameMeta(meta, entry.meta) && { meta }),
    ...(unhealthy !== undefined && (unhealthy ?? '') !== (entry.unhealthy ?? '') && { unhealthy }),
  });

/** Whether the entry is of this start of the service; any is, if none is named. */
export const isOf = (entry: Entry, instance: string | undefined): boolean =>
  instance === undefined || instance === entry.instance;
