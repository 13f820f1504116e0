/** Parameters that several routes have. */

import { authorHeader } from '../../model/author.js';
import { editIdPattern } from '../../model/history.js';
import { idempotencyHeader } from '../../model/idempotency.js';
import { limits } from '../../model/limits.js';
import { listedStates } from '../../model/registration.js';
import type { Parameter } from '../operation.js';

const name = { type: 'string', minLength: 1, maxLength: limits.name } as const;
const range = { type: 'string', minLength: 1, maxLength: limits.range } as const;

/** A switch: its name alone turns it on. */
export const onOrOff: Parameter['schema'] = { type: 'string', enum: ['', 'true', 'false'] };

/** `app/version/host/port`. */
const registrationId = { type: 'string', pattern: '^[^/]+/[^/]+/[^/]+/[0-9]{1,5}$' } as const;

/** The name of a resource in a path. */
export const nameOf = (example: string): Parameter => ({
  name: 'name',
  meaning: 'The name.',
  schema: { type: 'string', minLength: 1 },
  example,
});

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
  name: nameOf('web'),
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
  schema: { type: 'string', enum: [...listedStates], default: 'online' },
  example: 'unhealthy',
};

export const metaCondition: Parameter = {
  name: 'meta',
  meaning:
    'Only registrations with these values in their metadata: a parameter `meta.NAME=VALUE` for each condition. Dots ' +
    'in a NAME lead into objects. All conditions have to hold.',
  schema: {
    type: 'object',
    propertyNames: { pattern: `^meta\\..{1,${limits.metaName}}$` },
    additionalProperties: { type: 'string' },
    maxProperties: limits.metaConditions,
  },
  example: { 'meta.zone': 'eu-1' },
};

export const near: Parameter = {
  name: 'near',
  meaning: 'Only instances with this value in their metadata, as `NAME:VALUE`, if there are enough; otherwise all.',
  schema: { type: 'string', pattern: `^[^:]{1,${limits.metaName}}:[\\s\\S]` },
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
  meaning: 'How many registrations have to be online and not draining; of a split, for each version.',
  schema: { type: 'integer', minimum: 0, default: 1 },
};

/** For new frontends. */
export const atLeastForNew: Parameter = {
  name: 'at-least',
  meaning: '1 or more: the backend has to exist.',
  schema: { type: 'integer', minimum: 0, default: 0 },
};

/** For backends that are removed. */
export const atLeastForRemoval: Parameter = {
  name: 'at-least',
  meaning: '0: removes it also if frontends serve it.',
  schema: { type: 'integer', minimum: 0, default: 1 },
};

/** For drain rules. */
export const atLeastLeft: Parameter = {
  name: 'at-least',
  meaning: 'How many registrations have to be left for each backend that a frontend serves.',
  schema: { type: 'integer', minimum: 0, default: 1 },
};

export const force: Parameter = {
  name: 'force',
  meaning: 'The same as `at-least=0`. A name without a value is true.',
  schema: onOrOff,
};

export const ofRegistration: Parameter = {
  name: 'registration',
  meaning: 'The id of the instance.',
  schema: registrationId,
  required: true,
  example: 'web/1.2.0/10.0.0.5/8080',
};

export const ofFrontend: Parameter = {
  name: 'frontend',
  meaning: 'The name of the frontend.',
  schema: { type: 'string', minLength: 1 },
  required: true,
  example: 'www',
};

export const ofRegistrations: Parameter = {
  name: 'registration',
  meaning: 'The id of a registration. Repeat it to ask for several.',
  schema: { type: 'array', items: registrationId, minItems: 1, maxItems: limits.leases },
  required: true,
  example: ['web/1.2.0/10.0.0.5/8080', 'web/1.2.0/10.0.0.6/8080'],
};

export const ofEdit: Parameter = {
  name: 'of',
  meaning: 'The change to undo, by its `id` in the history (7 characters are enough). Not with `to`.',
  schema: { type: 'string', pattern: editIdPattern.source },
};

export const toEdit: Parameter = {
  name: 'to',
  meaning: 'Goes back to the state after this change instead. Not with `of`.',
  schema: { type: 'string', pattern: editIdPattern.source },
};

export const ifNoneMatch: Parameter = {
  name: 'If-None-Match',
  meaning: 'The `ETag` of an earlier answer: 304 while nothing has changed.',
  schema: { type: 'string' },
};

export const idempotencyKey: Parameter = {
  name: 'Idempotency-Key',
  meaning:
    'New for each write, such as a UUID: 1 to 64 visible ASCII characters, in quotes or without. A repetition with the same key is not done again.',
  schema: { type: 'string', pattern: '^("[!#-~]{1,64}"|[!#-~]{1,64})$' },
  example: '5c7e1d8a-6f1b-4c1e-9a57-0d5a8f3c2b11',
};

export const author: Parameter = {
  name: 'X-Bender-Author',
  meaning: 'Who makes the change, for the history: percent-encoded, if it is not ASCII.',
  schema: { type: 'string', pattern: '^[ -~]*[!-~][ -~]*$' },
  example: 'ann',
};

if (idempotencyKey.name.toLowerCase() !== idempotencyHeader || author.name.toLowerCase() !== authorHeader)
  throw new Error('a header has another name in src/model');
