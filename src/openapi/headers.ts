/** The headers of answers. */

import type { HeaderName } from './operation.js';

interface Header {
  description: string;
  schema: Readonly<Record<string, unknown>>;
}

const text = { type: 'string' };

/** By the names that they have among the components. */
export const headers: Readonly<Record<HeaderName | OtherHeader, Header>> = {
  ETag: {
    description: 'Names the content: the same at every daemon that answers the same. For `If-None-Match`.',
    schema: { type: 'string', pattern: '^"[\\w-]+"$' },
  },
  Location: { description: 'The path of what was created.', schema: { type: 'string', pattern: '^/' } },
  'Cache-Control': { description: 'How long it may be kept.', schema: text },
  'Content-Security-Policy': { description: 'What the page may load: what this daemon serves.', schema: text },
  'X-Bender': {
    description: 'On every answer of a daemon. An answer without it is that of something else.',
    schema: { type: 'string', const: '1' },
  },
  'X-Bender-Warming': {
    description: 'The daemon has just started. Do not act on missing instances.',
    schema: { type: 'string', const: 'true' },
  },
  'X-Bender-Stale': {
    description: 'The daemon is cut off, and returns its last view: instances in it may be dead.',
    schema: { type: 'string', const: 'true' },
  },
  'Retry-After': {
    description: 'Seconds after which to ask again; or ask another daemon.',
    schema: { type: 'string', pattern: '^[0-9]+$' },
  },
  'WWW-Authenticate': { description: 'That a token is asked for.', schema: text },
};

type OtherHeader = 'X-Bender' | 'X-Bender-Warming' | 'X-Bender-Stale' | 'Retry-After' | 'WWW-Authenticate';

export const refTo = (name: keyof typeof headers): { $ref: string } => ({ $ref: `#/components/headers/${name}` });
