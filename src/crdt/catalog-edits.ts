/** Edits of the catalog as clients see them, made of the raw ones. */

import type { Edit, HistoryQuery } from '../model/history.js';
import { type RawEdit, factsBefore } from './catalog-history.js';
import { readBackend, readDrainRule, type Reader, readFrontend } from './catalog-values.js';

/** The keys of the resources that a query names. */
export const keysOf = ({ backend, frontend, drainRule }: Omit<HistoryQuery, 'limit'>): string[] => [
  ...(backend === undefined ? [] : [`backend/${backend}`]),
  ...(frontend === undefined ? [] : [`frontend/${frontend}`]),
  ...(drainRule === undefined ? [] : [`drain-rule/${drainRule}`]),
];

/** A raw edit as an edit of a resource; undefined if it is of none that is known here. */
export function editOf({ key, id, time, to, facts, over, concurrent, ...by }: RawEdit): Edit | undefined {
  const slash = key.indexOf('/');
  const [kind, name] = [key.slice(0, slash), key.slice(slash + 1)];
  const info = {
    id,
    at: time * 1000,
    ...(by.author !== undefined && { author: by.author }),
    ...(by.proven && { proven: by.proven }),
    ...(by.claimed !== undefined && { claimedAuthor: by.claimed }),
    ...(by.daemon !== undefined && { daemon: by.daemon }),
    ...(concurrent && { concurrent }),
  };
  const between = <T extends object>(read: Reader<T>) => {
    const before = read(name, over[0]?.to, factsBefore({ over }));
    const after = read(name, to, facts);
    return { name, ...(before && { from: before }), ...(after && { to: after }), ...info };
  };
  if (kind === 'backend') return { kind, ...between(readBackend) };
  if (kind === 'frontend') return { kind, ...between(readFrontend) };
  if (kind === 'drain-rule') return { kind, ...between(readDrainRule) };
  return undefined;
}
