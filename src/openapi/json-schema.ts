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
      if (valibotSchema.type !== 'custom') return jsonSchema.properties ? withoutNever(jsonSchema) : undefined;
      const rest = guarded.get(valibotSchema);
      return rest === undefined ? undefined : inline(rest);
    },
    overrideAction: ({ valibotAction, jsonSchema }) => {
      const { type, message, requirement } = valibotAction as unknown as Action;
      // A pattern of JSON Schema is one with the flag `u`.
      if (type === 'regex' && requirement.flags === 'u') return { ...jsonSchema, pattern: requirement.source };
      if (type !== 'check' || typeof message !== 'string') return undefined;
      return { ...jsonSchema, description: sentences(jsonSchema.description, message) };
    },
  };
  const inline = (schema: v.GenericSchema): JsonSchema => toJsonSchemaDefs({ one: schema }, config).one;
  return toJsonSchemaDefs(schemas, config);
}

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

/** What a check says to a client whose request it refuses, as a sentence of its own. */
const sentences = (before: string | undefined, message: string): string =>
  [before, `${message.charAt(0).toUpperCase()}${message.slice(1)}.`].filter(Boolean).join(' ');
