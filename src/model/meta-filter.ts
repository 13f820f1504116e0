/** Choosing registrations by their metadata. */

import { InvalidError } from './errors.js';
import { limits } from './limits.js';
import { toJson } from './meta.js';
import type { Meta } from './registration.js';

/**
 * Conditions that must all hold: the value of `meta` under the name must equal the text. Dots in a name lead into
 * objects. Values other than strings are compared as JSON: `3`, `true`.
 */
export type MetaFilter = readonly (readonly [name: string, text: string])[];

/**
 *     matchesMeta({ az: 'eu-1', rack: { row: 3 } }, [['az', 'eu-1'], ['rack.row', '3']]) // true
 */
export const matchesMeta = (meta: Meta, filter: MetaFilter): boolean =>
  filter.every(([name, text]) => {
    const value = valueAt(meta, name);
    return value !== undefined && (typeof value === 'string' ? value : toJson(value)) === text;
  });

/**
 * The filter in `?meta.NAME=TEXT&…`; undefined if there is none. Throws {@link InvalidError} for one without a name.
 */
export function metaFilterIn(parameters: URLSearchParams): MetaFilter | undefined {
  const filter = [...parameters].flatMap(([key, text]) =>
    key.startsWith('meta.') ? [[key.slice('meta.'.length), text] as const] : [],
  );
  if (filter.some(([name]) => name === '')) throw new InvalidError("'meta.' must be followed by a name");
  if (filter.some(([name]) => name.length > limits.metaName))
    throw new InvalidError(`the name after 'meta.' must have at most ${limits.metaName} characters`);
  if (filter.length > limits.metaConditions)
    throw new InvalidError(`there must be at most ${limits.metaConditions} conditions 'meta.NAME'`);
  return filter.length > 0 ? filter : undefined;
}

/** A literal name takes precedence over one that leads into objects. */
function valueAt(meta: Meta, name: string): unknown {
  if (Object.hasOwn(meta, name)) return meta[name];
  let value: unknown = meta;
  for (const part of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Meta)[part];
  }
  return value;
}
