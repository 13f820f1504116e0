/** The errors of the API, by status: which codes there are, and when. */

import type { Access } from '../daemon/http/auth/access.js';
import { codesOf, errorOf } from './daemon-answers.js';
import { refTo } from './headers.js';
import type { Schemas } from './json-schema.js';
import type { Operation } from './operation.js';
import { refToSchema } from './refs.js';

const meanings: Readonly<Record<number, string>> = {
  400: 'The request is not valid. The message names the field.',
  401: 'The daemon asks for a token, or does not take this one.',
  403: 'The token has another role, or is for other apps; or the request comes from a web page of another site.',
  404: 'It does not exist. `replacedBy` names the registration that has taken the address of the instance.',
  409: 'The name exists, an `Idempotency-Key` was used for another write, or too few instances are online.',
  413: 'The body has more than 2 MiB.',
  415: 'The body is not JSON in UTF-8, or is compressed.',
  421: 'The `Host` of the request is no name of this daemon.',
  429: 'Too many requests in too short a time, or a quota is used up. Nothing was changed.',
  500: 'A bug of bender. The log of the daemon says more.',
  503: 'The daemon does not know enough yet, or is overloaded. Ask another one.',
};

const statuses = Object.keys(meanings).map(Number);

/** By the names that they have in the description. */
export const errorSchemas: Schemas = Object.fromEntries(
  statuses.map((status) => [`Error${status}`, errorOf(codesOf(status))]),
);

const example = (status: number): object => {
  const [code] = codesOf(status);
  return { code, message: messages[status] };
};

const messages: Readonly<Record<number, string>> = {
  400: "'port' must be from 1 to 65535, not 0",
  401: "this needs a token with the role 'read' (--token, or BENDER_TOKEN)",
  403: 'web pages of other sites may not do this (Origin: https://other.example)',
  404: 'there is no registration web/1.2.0/10.0.0.5/8080',
  409: "backend 'web' exists already",
  413: 'the body must have at most 2097152 bytes',
  415: "content-type must be application/json in UTF-8, not 'text/plain'",
  421: "this daemon is not known as 'other.example': start it with --allowed-host other.example, or call it by its address",
  429: 'too many wrong tokens came from your address',
  500: 'internal error: see the log of the daemon',
  503: 'this daemon has not heard from its cluster yet: ask again, or another one',
};

const headersOf = (status: number): object => ({
  'X-Bender': refTo('X-Bender'),
  'X-Bender-Warming': refTo('X-Bender-Warming'),
  'X-Bender-Stale': refTo('X-Bender-Stale'),
  ...((status === 429 || status === 503) && { 'Retry-After': refTo('Retry-After') }),
  ...(status === 401 && { 'WWW-Authenticate': refTo('WWW-Authenticate') }),
});

/** By the names that they have among the components. */
export const errorResponses = Object.fromEntries(
  statuses.map((status) => [
    `Error${status}`,
    {
      description: `${meanings[status]} Codes: ${codesOf(status)
        .map((code) => `\`${code}\``)
        .join(', ')}.`,
      headers: headersOf(status),
      content: {
        'application/json': { schema: refToSchema(`Error${status}`), example: example(status) },
      },
    },
  ]),
);

/** The errors that a route may answer with. */
export function errorsOf({ errors = [], body }: Operation, { need }: Access): number[] {
  const always = [400, 403, 421, 500, 503];
  const ofCallers = need === 'nothing' ? [] : [401, 429];
  const ofBodies = body ? [413, 415] : [];
  return [...new Set([...always, ...ofCallers, ...ofBodies, ...errors])].sort((a, b) => a - b);
}
