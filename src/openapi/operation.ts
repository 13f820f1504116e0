/** What is said of a route in the description of the API. */

import type { JsonSchema } from '@valibot/to-json-schema';

/** A header that answers may carry; headers.ts has their descriptions. */
export type HeaderName = 'ETag' | 'Location' | 'Content-Security-Policy' | 'Cache-Control';

export interface Parameter {
  /** Its name; with an object as its schema, each key of that is a parameter by itself. */
  name: string;
  meaning: string;
  schema: JsonSchema;
  example?: string | number | boolean | readonly string[] | Readonly<Record<string, string>>;
  required?: true;
  /** Whether a list is written with commas, instead of as a parameter for each item. */
  isJoined?: true;
}

export interface Body {
  /** The name of its schema. */
  schema: string;
  required: boolean;
  /** By what they show. Each is checked against the schema. */
  examples: Readonly<Record<string, unknown>>;
}

export interface Result {
  meaning: string;
  /** The name of its schema, or one of its own; absent without content. */
  schema?: string | Readonly<Record<string, unknown>>;
  /** Default `application/json`. */
  type?: string;
  headers?: readonly HeaderName[];
  example?: unknown;
}

export interface Operation {
  /** As in the table of routes and roles (access.ts). */
  route: string;
  /** `operationId`: does not change. */
  id: string;
  tag: Tag;
  summary: string;
  /** What else is to know, in Markdown: paragraphs, `code` and links. */
  notes?: string;
  /** Parameters of the path whose meaning is not the usual one. */
  path?: readonly Parameter[];
  query?: readonly Parameter[];
  headers?: readonly Parameter[];
  body?: Body;
  results: Readonly<Record<number, Result>>;
  /** Statuses of errors beside those that every route has. */
  errors?: readonly number[];
  /** Whether its answers carry `X-Bender-Warming` and `X-Bender-Stale` when the view may be incomplete. */
  marked: boolean;
}

export const tags = {
  Registrations: 'Instances of services, which are online while they are renewed.',
  Backends: 'Named sets of one app version, or of several with weights. Changing one is a deployment.',
  Frontends: 'Names that callers use. Each serves a backend.',
  Rules: 'Drain rules: each drains every instance of an app, or of some versions, including those that come later.',
  History: 'What was changed, by whom, and why an instance is served or not.',
  Events: 'Every change of what a daemon sees, as it happens.',
  Daemon: 'The daemons themselves.',
  Pages: 'For people, and for tools.',
} as const;

export type Tag = keyof typeof tags;
