/**
 * Makes JSON Schemas of the schemas that validate. Nothing is dropped silently: what JSON Schema cannot say is said in
 * the description, or the build fails.
 */

import { type ConversionConfig, type JsonSchema, toJsonSchemaDefs } from '@valibot/to-json-schema';
import * as v from 'valibot';
import { refPrefix } from './refs.js';

export type Schemas = Record<string, v.GenericSchema>;
export type JsonSchemas = Record<string, JsonSchema>;

/** @param typeMode  `input` for bodies of requests, `output` for those of answers */
export function toJsonSchemas(schemas: Schemas, typeMode: 'input' | 'output'): JsonSchemas {
  const guarded = new Map<unknown, v.GenericSchema>();
  for (const schema of Object.values(schemas)) findGuarded(schema, guarded);
  const config: ConversionConfig = {
    target: 'draft-2020-12',
    typeMode,
    errorMode: 'throw',
    overrideRef: ({ referenceId }) => `${refPrefix}${referenceId}`,
    overrideSchema: ({ valibotSchema, jsonSchema }) => {
      if (valibotSchema.type === 'lazy') {
        // It chooses by the type of the input.
        const { getter } = valibotSchema as unknown as { getter: (input: unknown) => v.GenericSchema };
        return { anyOf: ['', {}].map((input) => inline(getter(input))) };
      }
      // Some generators write code that is wrong for a constant without a type.
      if ('const' in jsonSchema) return { type: typeof jsonSchema.const as JsonSchema['type'], ...jsonSchema };
      if (valibotSchema.type !== 'custom') return jsonSchema.properties ? withoutNever(jsonSchema) : undefined;
      const rest = guarded.get(valibotSchema);
      return rest === undefined ? undefined : inline(rest);
    },
    overrideAction: ({ valibotAction, jsonSchema }) => {
      const { type, message, requirement } = valibotAction as unknown as Action;
      if (type === 'regex' && requirement.flags === 'u') {
        const pattern = portable(requirement.source);
        const words = pattern === requirement.source ? {} : { description: sentences(jsonSchema.description, message) };
        return { ...jsonSchema, pattern, ...words };
      }
      if (type !== 'check' || typeof message !== 'string') return undefined;
      return { ...jsonSchema, description: sentences(jsonSchema.description, message) };
    },
  };
  const inline = (schema: v.GenericSchema): JsonSchema => toJsonSchemaDefs({ one: schema }, config).one;
  return toJsonSchemaDefs(schemas, config);
}

/**
 * A pattern without classes of characters that many validators of JSON Schema do not know: with the characters of each
 * up to U+FFFF instead. Text in UTF-8 has no surrogates.
 */
const portable = (pattern: string): string =>
  pattern.replace(/\\p\{(\w+)\}/g, (_, name: string) => {
    const characters = classes[name];
    if (characters === undefined) throw new Error(`say which characters are of the class '${name}'`);
    return characters;
  });

const classes: Readonly<Record<string, string>> = {
  Cc: '\\u0000-\\u001f\\u007f-\\u009f',
  Cf: '\\u00ad\\u0600-\\u0605\\u061c\\u06dd\\u070f\\u0890\\u0891\\u08e2\\u180e\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u2064\\u2066-\\u206f\\ufeff\\ufff9-\\ufffb',
  Cs: '',
};

interface Action {
  type: string;
  message: unknown;
  requirement: RegExp;
}

/** A schema of a function, and what follows in its pipe: that says more of it. */
function findGuarded(schema: v.GenericSchema, found: Map<unknown, v.GenericSchema>): void {
  const { pipe, entries, item, wrapped, value, options } = schema as unknown as Partial<Nested>;
  if (pipe?.[0]?.type === 'custom') {
    const next = pipe.findIndex((one, index) => index > 0 && one.kind === 'schema');
    if (next > 0) found.set(pipe[0], v.pipe(...(pipe.slice(next) as unknown as [v.GenericSchema])));
    // The build fails for one of which nothing is said.
    else if (pipe.some((one) => one.type === 'metadata')) found.set(pipe[0], v.unknown());
  }
  const inner = [...(pipe ?? []), ...Object.values(entries ?? {}), item, wrapped, value, ...(options ?? [])];
  for (const one of inner)
    if (one !== schema && (one as v.GenericSchema | undefined)?.kind === 'schema')
      findGuarded(one as v.GenericSchema, found);
}

interface Nested {
  pipe: { kind: string; type: string }[];
  entries: Record<string, unknown>;
  item: unknown;
  wrapped: unknown;
  value: unknown;
  options: unknown[];
}

/** A property that is never there need not be named: its object has one of other properties. */
function withoutNever({ properties = {}, ...rest }: JsonSchema): JsonSchema {
  const real = Object.entries(properties).filter(([, one]) => JSON.stringify(one) !== '{"not":{}}');
  return { ...rest, properties: Object.fromEntries(real) };
}

/** Adds what a check says to a client whose request it refuses, once. */
function sentences(before: string | undefined, message: unknown): string {
  const text = String(message);
  const sentence = `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
  return before?.includes(sentence) ? before : [before, sentence].filter(Boolean).join(' ');
}
