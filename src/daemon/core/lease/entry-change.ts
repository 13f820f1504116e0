/** The change of an entry that a repeated registration asks for. */

import { type Entry, sameMeta } from '../../../crdt/entry.js';
import { completeCheck, sameCheck } from '../../../model/check.js';
import type { RegistrationOptions } from '../../../model/registration.js';
import type { EntryChange } from '../replication/frame.js';

/** The options as a change; undefined if there are none. */
export function changeOf({ ttl, meta, unhealthy, check }: RegistrationOptions): EntryChange | undefined {
  if ([ttl, meta, unhealthy, check].every((one) => one === undefined)) return undefined;
  return {
    ...(ttl !== undefined && { ttl }),
    ...(meta && { meta }),
    ...(unhealthy !== undefined && { unhealthy: unhealthy ?? '' }),
    ...(check !== undefined && { check: check && completeCheck(check) }),
  };
}

/** The options that differ from the entry; undefined if none does. Absent fields keep their value. */
export const differenceTo = (
  entry: Entry,
  { ttl, meta, unhealthy, check }: RegistrationOptions,
): EntryChange | undefined =>
  changeOf({
    ...(ttl !== undefined && ttl !== entry.ttl && { ttl }),
    ...(meta && !sameMeta(meta, entry.meta) && { meta }),
    ...(unhealthy !== undefined && (unhealthy ?? '') !== (entry.unhealthy ?? '') && { unhealthy }),
    ...(check !== undefined && !sameCheck(check && completeCheck(check), entry.check) && { check }),
  });

/** The check of a new entry, if it has one. */
export const checkOf = (check: RegistrationOptions['check']): Pick<Entry, 'check'> =>
  check ? { check: completeCheck(check) } : {};

/**
 * What a holder copies of another copy of its entry. What each has found by probing stays its own: a lost daemon may
 * have reached what no daemon reaches now.
 */
export const withOwnHealth = (other: Entry | undefined, held: Entry): Entry | undefined =>
  held.check && other?.life === held.life && other.rev === held.rev
    ? { ...other, unhealthy: held.unhealthy ?? '' }
    : other;

/** Whether the entry is of this instance of the service; true if no instance is given. */
export const isOf = (entry: Entry, instance: string | undefined): boolean =>
  instance === undefined || instance === entry.instance;
