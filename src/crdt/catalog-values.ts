/**
 * Backends, frontends and drain rules as they are written in the catalog, and read from it.
 *
 * A value is one JSON text, so that all of it is by one writer. Older daemons do not know routing facts, and write
 * values without them. So that nothing is lost then, a copy of the facts is kept at a key that older daemons do not
 * touch. The copy counts for a value that says nothing of routing. Once there is a copy, a daemon that knows routing
 * facts writes `"routing":null` if there are none.
 */

import * as v from 'valibot';
import type { Backend, BackendFields, Frontend, FrontendFields, Routing } from '../model/catalog.js';
import { isSplit } from '../model/catalog.js';
import type { DrainRule, DrainRuleFields } from '../model/drain-rule.js';
import { limits } from '../model/limits.js';
import { readRouting } from '../model/routing-schema.js';
import { visible } from '../model/visible.js';
import { read } from './entry.js';

/** The most characters of a value. The largest split and the longest routing facts take four fifths of it. */
const longestValue = 16 * 1024;

/**
 * Returns undefined if the value is none of its kind, for example a tombstone.
 *
 * @param routing  the facts of a value that says nothing of them
 */
export type Reader<T> = (name: string, value: string | undefined, routing?: Routing | null) => T | undefined;

export type Fields = BackendFields | FrontendFields | DrainRuleFields;

/** The text of a value; without fields, of its tombstone. */
export function toStored(fields: Fields | undefined, hasCopy: boolean): string {
  if (!fields) return JSON.stringify({ deleted: true });
  const { name: _, routing, ...value } = { routing: undefined, ...fields };
  return JSON.stringify({ ...value, ...((routing ?? hasCopy) && { routing: routing ?? null }) });
}

export const readBackend: Reader<Backend> = (name, value, otherwise) => {
  const fields = parse(backendShape, value);
  if (!fields) return undefined;
  const { routing, ...target } = fields;
  return { resource: 'Backend', name, ...target, ...routed(routing, otherwise) };
};

export const readFrontend: Reader<Frontend> = (name, value, otherwise) => {
  const fields = parse(frontendShape, value);
  if (!fields) return undefined;
  const { backend, routing } = fields;
  return { resource: 'Frontend', name, ...(backend !== undefined && { backend }), ...routed(routing, otherwise) };
};

export const readDrainRule: Reader<DrainRule> = (name, value) => {
  const fields = parse(drainRuleShape, value);
  if (!fields) return undefined;
  const { app, version, reason } = fields;
  return {
    resource: 'DrainRule',
    name,
    app,
    ...(version !== undefined && { version }),
    ...(reason !== undefined && { reason }),
  };
};

function routed(said: unknown, otherwise: Routing | null | undefined): { routing?: Routing } {
  const routing = said === undefined ? otherwise : readRouting(said);
  return routing ? { routing } : {};
}

/** The key of the copy of the routing facts of a value. */
export const copyKey = (key: string): string => `routing/${key}`;

/** The key of the value whose routing facts `key` is the copy of; undefined if it is the key of no copy. */
export const keyOfCopy = (key: string): string | undefined => /^routing\/((?:backend|frontend)\/.+)$/su.exec(key)?.[1];

/** Null: there are none any more. */
export const readCopy = (value: string | undefined): Routing | null => readRouting(parse(v.unknown(), value)) ?? null;

/** The routing facts that a value itself states; null: none. Undefined if it says nothing of them. */
export function statedRouting(value: string | undefined): Routing | null | undefined {
  // Most values say nothing of them, and a history has many.
  if (!value?.includes('"routing"')) return undefined;
  const said = parse(v.looseObject({ routing }), value)?.routing;
  return said === undefined ? undefined : (readRouting(said) ?? null);
}

/** Parses JSON of the given shape; undefined if it has another one. */
function parse<T extends v.GenericSchema>(shape: T, text: string | undefined): v.InferOutput<T> | undefined {
  if (text === undefined || text.length > longestValue) return undefined;
  try {
    return read(shape, JSON.parse(text));
  } catch {
    return undefined;
  }
}

const name = v.pipe(v.string(), v.maxLength(limits.name), v.regex(visible));
const weight = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(limits.splitWeight));
const routing = v.optional(v.unknown());
const backendShape = v.union([
  v.object({ app: name, version: name, routing }),
  v.object({ app: name, split: v.pipe(v.record(name, weight), v.check(isSplit)), routing }),
]);
const frontendShape = v.object({ backend: v.optional(name), deleted: v.optional(v.never()), routing });
const drainRuleShape = v.object({
  app: name,
  version: v.optional(name),
  reason: v.optional(v.pipe(v.string(), v.maxLength(limits.reason), v.regex(visible))),
});
