/** Fields of JSON as Consul reads them: their names in any case, `_` or not, and null as if they were not there. */

import { InvalidError } from '../../../model/errors.js';
import { isObject } from '../../../model/json.js';
import { parseJson } from '../../http/body.js';

export type Fields = Readonly<Record<string, unknown>>;

/** The fields of a body that came as bytes. Throws InvalidError. */
export function fieldsIn(body: unknown): Fields {
  if (!Buffer.isBuffer(body) || body.length === 0) throw new InvalidError('Request decode failed: EOF');
  return folded(parseJson(body), 'body');
}

/** Names are in lower case, without `_`. */
export function folded(value: unknown, what: string): Fields {
  if (!isObject(value)) throw new InvalidError(`Request decode failed: ${what} must be a JSON object`);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== null)
      .map(([name, field]) => [name.toLowerCase().replaceAll('_', ''), field]),
  );
}

/** Empty if it is not there. */
export function textIn(fields: Fields, name: string): string {
  const text = fields[name] ?? '';
  if (typeof text !== 'string') throw new InvalidError(`Request decode failed: '${name}' must be a string`);
  return text;
}

export function listIn(fields: Fields, name: string): readonly unknown[] {
  const list = fields[name] ?? [];
  if (!Array.isArray(list)) throw new InvalidError(`Request decode failed: '${name}' must be a list`);
  return list;
}
