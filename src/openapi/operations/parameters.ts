/** Parameters that several routes have. */

import { authorHeader } from '../../model/author.js';
import { idempotencyHeader } from '../../model/idempotency.js';
import { limits } from '../../model/limits.js';
import { listedStates } from '../../model/registration.js';
import type { Parameter } from '../operation.js';

const name = { type: 'string', minLength: 1, maxLength: limits.name } as const;
const range = { type: 'string', minLength: 1, maxLength: limits.range } as const;

/** What the parts of a path mean, unless a route says otherwise. */
export const inPath: Readonly<Record<string, Parameter>> = {
  app: { name: 'app', meaning: 'The name of the app.', schema: name, example: 'web' },
  version: { name: 'version', meaning: 'The exact version.', schema: name, example: '1.2.0' },
  host: {
    name: 'host',
    meaning: 'The host, in any spelling. An IPv6 address may be written plainly, encoded, or in brackets.',
    schema: { type: 'string', minLength: 1 },
    example: '10.0.0.5',
  },
  port: { name: 'port', meaning: 'The port.', schema: { type: 'integer', minimum: 1, maximum: 65535 }, example: 8080 },
  name: { name: 'name', meaning: 'The name.', schema: { type: 'string', minLength: 1 }, example: 'web' },
  file: { name: 'file', meaning: 'The name of the file.', schema: { type: 'string', minLength: 1 } },
};

export const versionOrRange: Parameter = {
  name: 'version',
  meaning: 'An exact version, or a semver range such as `1.x` or `^1.2.0`.',
  schema: range,
  example: '1.x',
};

export const listedState: Parameter = {
  name: 'state',
  meaning: 'Which registrations: those that are online, or those that are offline only since their health check fails.',
  schema: { enum: [...listedStates], default: 'online' },
  example: 'unhealthy',
};

export const metaCondition: Parameter = {
  name: 'meta.NAME',
  meaning:
    'Only registrations with this value in their metadata. NAME is the name of the field; dots lead into objects. ' +
    'All of several conditions have to hold.',
  schema: { type: 'string' },
  example: 'eu-1',
};

export const near: Parameter = {
  name: 'near',
  meaning: 'Only instances with this value in their metadata, as `NAME:VALUE`, if there are enough; otherwise all.',
  schema: { type: 'string' },
  example: 'zone:eu-1',
};

export const nearAtLeast: Parameter = {
  name: 'near-at-least',
  meaning: 'How many near instances are enough, for `near`. Default 1.',
  schema: { type: 'integer', minimum: 1 },
};

export const ofInstance: Parameter = {
  name: 'instance',
  meaning: 'Only if this instance is registered. Otherwise 404, and nothing changes.',
  schema: { type: 'string' },
};

export const atLeast: Parameter = {
  name: 'at-least',
  meaning: 'How many registrations have to be online and not draining. Default 1; for a creation 0.',
  schema: { type: 'integer', minimum: 0 },
};

export const force: Parameter = {
  name: 'force',
  meaning: 'Demands no registrations to be online. A name without a value is true.',
  schema: { enum: ['', 'true', 'false'] },
};

export const ofEdit: Parameter = {
  name: 'of',
  meaning: 'The change to undo, by its `id` in the history (7 characters are enough). Not with `to`.',
  schema: { type: 'string' },
};

export const toEdit: Parameter = {
  name: 'to',
  meaning: 'Goes back to the state after this change instead. Not with `of`.',
  schema: { type: 'string' },
};

export const ifNoneMatch: Parameter = {
  name: 'If-None-Match',
  meaning: 'The `ETag` of an earlier answer: 304 while nothing has changed.',
  schema: { type: 'string' },
};

export const idempotencyKey: Parameter = {
  name: 'Idempotency-Key',
  meaning:
    'New for each write, such as a UUID: 1 to 64 visible ASCII characters. A repetition with the same key is not done again.',
  schema: { type: 'string', minLength: 1, maxLength: 66 },
};

export const author: Parameter = {
  name: 'X-Bender-Author',
  meaning: 'Who makes the change, for the history: percent-encoded, if it is not ASCII.',
  schema: { type: 'string', minLength: 1 },
};

if (idempotencyKey.name.toLowerCase() !== idempotencyHeader || author.name.toLowerCase() !== authorHeader)
  throw new Error('a header has another name in src/model');
