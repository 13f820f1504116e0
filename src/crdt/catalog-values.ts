/**
 * Backends, frontends and drain rules as they are written in the catalog, and read from it.
 *
 * A value is one JSON text, so that all of it is by one writer. Older daemons do not know routing facts and warm-ups,
 * and write values without them. So that nothing is lost then, a copy of these facts is kept at a key that older
 * daemons do not touch. The copy counts for a value that says nothing of them. Once there is a copy, a daemon that
 * knows the facts writes `"routing":null` if there are none, and `"warmupMs":0` in the place of a warm-up.
 */

import * as v from 'valibot';
import type { Backend, BackendFields, Frontend, FrontendFields, Routing } from '../model/catalog.js';
import { isSplit, isWarmup } from '../model/catalog.js';
import type { DrainRule, DrainRuleFields } from '../model/drain-rule.js';
import { isSameJson } from '../model/json.js';
import { limits } from '../model/limits.js';
import { readRouting } from '../model/routing-schema.js';
import { visible } from '../model/visible.js';
import { read } from './entry.js';

/** The most characters of a value. The largest split and the longest routing facts take four fifths of it. */
const longestValue = 16 * 1024;

/**
 * Returns undefined if the value is none of its kind, for example a tombstone.
 *
 * @param facts  those of a value that says nothing of them
 */
export type Reader<T> = (name: string, value: string | undefined, facts?: Facts | null) => T | undefined;

export type Fields = BackendFields | FrontendFields | DrainRuleFields;

/** What older daemons leave out of values. Null stands for none. */
export interface Facts {
  routing?: Routing;
  warmupMs?: number;
}

/** The facts of a value; null: none. */
function factsOf(fields: Facts | Fields | undefined): Facts | null {
  const { routing, warmupMs } = { routing: undefined, warmupMs: undefined, ...fields };
  return routing || warmupMs ? { ...(routing && { routing }), ...(warmupMs && { warmupMs }) } : null;
}

interface Stored {
  value: string;
  facts: Facts | null;
  /** The text of the copy, if it is to be another one. */
  copied: string | undefined;
}

/** A value as it is written; without fields, its tombstone. */
export function toStored(fields: Fields | undefined, copy: Facts | null | undefined): Stored {
  const facts = factsOf(fields);
  const copied = isSameJson(copy ?? null, facts) ? undefined : copyText(facts);
  return { value: valueText(fields, copy), facts, copied };
}

function valueText(fields: Fields | undefined, copy: Facts | null | undefined): string {
  if (!fields) return JSON.stringify({ deleted: true });
  const { name: _, routing, warmupMs, ...value } = { routing: undefined, warmupMs: undefined, ...fields };
  return JSON.stringify({
    ...value,
    ...((warmupMs ?? copy?.warmupMs) && { warmupMs: warmupMs ?? 0 }),
    ...((routing ?? copy !== undefined) && { routing: routing ?? null }),
  });
}

export const readBackend: Reader<Backend> = (name, value, otherwise) => {
  const fields = parse(backendShape, value);
  if (!fields) return undefined;
  const { routing, warmupMs, ...target } = fields;
  return { resource: 'Backend', name, ...target, ...warmed(warmupMs, otherwise), ...routed(routing, otherwise) };
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

function routed(said: unknown, otherwise: Facts | null | undefined): Pick<Facts, 'routing'> {
  const routing = said === undefined ? otherwise?.routing : readRouting(said);
  return routing ? { routing } : {};
}

function warmed(said: unknown, otherwise: Facts | null | undefined): Pick<Facts, 'warmupMs'> {
  const warmupMs = said === undefined ? otherwise?.warmupMs : said;
  return isWarmup(warmupMs) ? { warmupMs } : {};
}

/** The key of the copy of the facts of a value: routing came first. */
export const copyKey = (key: string): string => `routing/${key}`;

/** The key of the value whose facts `key` is the copy of; undefined if it is the key of no copy. */
export const keyOfCopy = (key: string): string | undefined => /^routing\/((?:backend|frontend)\/.+)$/su.exec(key)?.[1];

/** The text of a copy: routing facts as daemons know them that know no warm-up, and the warm-up among them. */
const copyText = (facts: Facts | null): string =>
  JSON.stringify(facts && { ...facts.routing, ...(facts.warmupMs && { warmupMs: facts.warmupMs }) });

/** Null: there are none now. */
export function readCopy(value: string | undefined): Facts | null {
  const said = parse(v.looseObject({ warmupMs: v.optional(v.unknown()) }), value);
  return said ? factsOf({ ...routed(said, null), ...warmed(said.warmupMs, null) }) : null;
}

/** The facts that a value itself states; null: none. Undefined if it says nothing of them. */
export function statedFacts(value: string | undefined): Facts | null | undefined {
  // Most values say nothing of them, and a history has many.
  if (!value || !/"(?:routing|warmupMs)"/.test(value)) return undefined;
  const said = parse(v.looseObject(facts), value);
  if (said?.routing === undefined && said?.warmupMs === undefined) return undefined;
  return factsOf({ ...routed(said.routing, null), ...warmed(said.warmupMs, null) });
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
const facts = { routing: v.optional(v.unknown()), warmupMs: v.optional(v.unknown()) };
const backendShape = v.union([
  v.object({ app: name, version: name, ...facts }),
  v.object({ app: name, split: v.pipe(v.record(name, weight), v.check(isSplit)), ...facts }),
]);
const frontendShape = v.object({
  backend: v.optional(name),
  deleted: v.optional(v.never()),
  routing: v.optional(v.unknown()),
});
const drainRuleShape = v.object({
  app: name,
  version: v.optional(name),
  reason: v.optional(v.pipe(v.string(), v.maxLength(limits.reason), v.regex(visible))),
});
