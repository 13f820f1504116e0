/** Checks values against the schemas of the description of the API. */

import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv';
import { describeApi, type Description } from '../../src/openapi/description.js';

/** That of this working copy. */
export const description: Description = describeApi('1.0.0');

/**
 * Answers may get fields in later versions, but those of this version are all described: no object has others. Objects
 * of any fields (`meta`, `split`) say so by `additionalProperties`.
 */
function closed<T>(schema: T): T {
  if (typeof schema !== 'object' || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map(closed) as T;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, one]) => [key, closed(one as unknown)]));
  const isOpen = 'properties' in schema && !('additionalProperties' in schema) && 'type' in schema;
  return { ...inner, ...(isOpen && { additionalProperties: false }) } as T;
}

let ajv: Ajv2020 | undefined;
const known = new Map<string, ValidateFunction>();

/** What is wrong with `value`; undefined if it is as `schema` says. */
export function wrongWith(schema: object, value: unknown): string | undefined {
  const key = JSON.stringify(schema);
  let validate = known.get(key);
  if (!validate) {
    ajv ??= new Ajv2020({ strict: false, allErrors: true, schemas: [{ $id: 'api', ...closed(description) }] });
    const absolute = key.replaceAll('"#/components', '"api#/components');
    known.set(key, (validate = ajv.compile(closed(JSON.parse(absolute) as object))));
  }
  if (validate(value)) return undefined;
  return ajv!.errorsText(validate.errors, { dataVar: '' });
}
