/**
 * Validates what clients send. Each failure is an {@link InvalidError} that names the field, what was received and what
 * is allowed.
 */

import * as v from 'valibot';
import type { BackendChange, BackendFields, FrontendChange, FrontendFields, Routing } from './catalog.js';
import { isSplit } from './catalog.js';
import type { DrainRuleChange, DrainRuleFields } from './drain-rule.js';
import { givenCheck } from './check-fields.js';
import { InvalidError } from './errors.js';
import { isHost, isReachable, normalizeHost } from './host.js';
import { limits } from './limits.js';
import { isMeta, toJson } from './meta.js';
import { routingSchema, warmup } from './routing-schema.js';
import { isOnlyRange, isRange } from './version.js';
import { visible } from './visible.js';
import type { Address, Meta, RegistrationOptions, RegistrationState, Renewal } from './registration.js';

/** Printable, without white space or slash: safe in a key, a URL path and a log line. */
const plain = /^[^\s/\p{Cc}\p{Cf}\p{Cs}]+$/u;

const name = v.pipe(
  v.string('must be a string'),
  v.nonEmpty('must not be empty'),
  v.maxLength(limits.name, `must have at most ${limits.name} characters`),
  v.regex(plain, 'must not contain slashes, white space or control characters'),
  // Two spellings that look alike would be two names.
  v.check((text) => text === text.normalize('NFC'), 'must be in Unicode normalization form C (NFC)'),
  // Clients resolve these two as relative paths before they send them.
  v.check((text) => text !== '.' && text !== '..', "must not be '.' or '..'"),
);

/** Whether `text` may name an app, a backend, a daemon and the like. */
export const isName = (text: unknown): text is string => v.is(name, text);

const host = v.pipe(
  v.string('must be a string'),
  // For the description of the API, like all metadata here. A dot at the end does not count.
  v.metadata({ minLength: 1, maxLength: limits.host + 1 }),
  v.transform(normalizeHost),
  v.nonEmpty('must not be empty'),
  v.maxLength(limits.host, `must have at most ${limits.host} characters`),
  v.check(isHost, 'must be an IPv4 or IPv6 address or a host name'),
  v.check(isReachable, 'must be an address that callers can connect to'),
);

const port = v.pipe(
  v.number('must be a number'),
  v.integer('must be a whole number'),
  v.minValue(1, 'must be from 1 to 65535'),
  v.maxValue(65535, 'must be from 1 to 65535'),
);

const ttl = v.pipe(
  v.number('must be a number of milliseconds'),
  v.integer('must be a whole number of milliseconds'),
  v.minValue(limits.ttlMin, `must be at least ${limits.ttlMin} ms`),
  v.maxValue(limits.ttlMax, `must be at most ${limits.ttlMax} ms`),
);

const meta = v.pipe(
  v.custom<Meta>(isMeta, `must be a JSON object of at most ${limits.metaBytes} bytes and ${limits.metaLevels} levels`),
  // No schema can be made of a function.
  v.metadata({ type: 'object', additionalProperties: true }),
);

const reason = v.pipe(
  v.string('must be a string'),
  v.nonEmpty('must not be empty'),
  v.maxLength(limits.reason, `must have at most ${limits.reason} characters`),
  v.regex(visible, 'must not contain control characters'),
);

const drainFor = v.pipe(
  v.number('must be a number of milliseconds'),
  v.integer('must be a whole number of milliseconds'),
  v.minValue(limits.drainFor.min, `must be at least ${limits.drainFor.min} ms`),
  v.maxValue(limits.drainFor.max, `must be at most ${limits.drainFor.max} ms (30 days)`),
);

const weight = v.pipe(
  v.number('must be a number'),
  v.integer('must be a whole number'),
  v.minValue(0, `must be from 0 to ${limits.splitWeight}`),
  v.maxValue(limits.splitWeight, `must be from 0 to ${limits.splitWeight}`),
);

/** Counted before its items are checked: a body has room for a hundred thousand. */
const hasFewVersions = (value: object): boolean => Object.keys(value).length <= limits.splitVersions;

const splitSize = `must have up to ${limits.splitVersions} versions, and a weight above 0`;

/** The version of a backend: a name, or a range, which may contain spaces. */
const versionOrRange = v.pipe(
  v.string('must be a string'),
  v.nonEmpty('must not be empty'),
  v.maxLength(limits.name, `must have at most ${limits.name} characters`),
  v.check(
    (text) =>
      v.is(name, text) || (/^[^\s/\p{Cc}\p{Cf}\p{Cs}]+( +[^\s/\p{Cc}\p{Cf}\p{Cs}]+)*$/u.test(text) && isRange(text)),
    'must be a version or a semver range, without slashes and control characters',
  ),
);

const exactVersion = v.pipe(
  name,
  v.check((text) => !isOnlyRange(text), 'must be exact'),
);

const split = v.pipe(
  v.custom<object>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'must be an object of versions and their weights',
  ),
  v.check(hasFewVersions, splitSize),
  // A record would drop these silently.
  v.check(
    (weights) => !['__proto__', 'constructor', 'prototype'].some((odd) => Object.hasOwn(weights, odd)),
    "must have no version called '__proto__', 'constructor' or 'prototype'",
  ),
  v.record(exactVersion, weight, 'must be an object of versions and their weights'),
  v.check(isSplit, splitSize),
  v.metadata({ minProperties: 1, maxProperties: limits.splitVersions }),
);

const versions = { version: v.optional(versionOrRange), split: v.optional(split) };

/** The message of a health check, or null. */
const unhealthy = v.nullable(
  v.pipe(
    v.string('must be a string or null'),
    v.nonEmpty('must not be empty'),
    v.maxLength(limits.unhealthy, `must have at most ${limits.unhealthy} characters`),
    v.regex(visible, 'must not contain control characters'),
  ),
);

const options = {
  ttl: v.optional(ttl),
  meta: v.optional(meta),
  instance: v.optional(name),
  unhealthy: v.optional(unhealthy),
  check: v.optional(v.nullable(givenCheck)),
};
const address = { app: name, version: name, host, port };
const resource = <const T extends string>(is: T) => v.optional(v.literal(is, `must be '${is}' when it is given`));

const someId = v.string('must be a registration id, or an object with one');
const renewal = v.strictObject(
  { id: v.string('must be a registration id'), instance: v.optional(name) },
  someId.message as string,
);

/** The bodies of requests. The description of the API is made of them (src/openapi). */
export const requestSchemas = {
  address: v.strictObject(address),
  options: v.strictObject(options),
  registration: v.strictObject({ resource: resource('Registration'), ...address, ...options }),
  health: v.strictObject({ unhealthy }),
  state: v.pipe(
    v.strictObject({
      draining: v.boolean('must be true or false'),
      reason: v.optional(reason),
      forMs: v.optional(drainFor),
    }),
    v.check(({ draining, forMs }) => draining || forMs === undefined, "'forMs' goes with 'draining': true"),
    v.metadata({ if: { required: ['forMs'] }, then: { properties: { draining: { const: true } } } }),
  ),
  backend: v.pipe(
    v.strictObject({
      resource: resource('Backend'),
      name,
      app: name,
      ...versions,
      warmupMs: v.optional(warmup),
      routing: v.optional(routingSchema),
    }),
    v.check(
      ({ version, split }) => (version === undefined) !== (split === undefined),
      "give either 'version' or 'split'",
    ),
    // Generators of clients take `oneOf` for the whole type.
    v.metadata({
      if: { required: ['version'] },
      then: { not: { required: ['split'] } },
      else: { required: ['split'] },
    }),
  ),
  backendChange: v.pipe(
    v.strictObject({
      resource: resource('Backend'),
      name: v.optional(name),
      app: v.optional(name),
      ...versions,
      warmupMs: v.optional(v.nullable(warmup)),
      routing: v.optional(v.nullable(routingSchema)),
    }),
    v.check(
      ({ version, split }) => version === undefined || split === undefined,
      "give either 'version' or 'split', not both",
    ),
    v.metadata({ not: { required: ['version', 'split'] } }),
  ),
  frontend: v.strictObject({
    resource: resource('Frontend'),
    name,
    backend: v.optional(name),
    routing: v.optional(routingSchema),
  }),
  frontendChange: v.strictObject({
    resource: resource('Frontend'),
    name: v.optional(name),
    backend: v.optional(name),
    routing: v.optional(v.nullable(routingSchema)),
  }),
  drainRule: v.strictObject({
    resource: resource('DrainRule'),
    name,
    app: name,
    version: v.optional(versionOrRange),
    reason: v.optional(reason),
  }),
  drainRuleChange: v.strictObject({
    resource: resource('DrainRule'),
    name: v.optional(name),
    app: v.optional(name),
    version: v.optional(v.nullable(versionOrRange)),
    reason: v.optional(v.nullable(reason)),
  }),
  renewals: v.strictObject({
    ids: v.pipe(
      v.custom<unknown[]>(Array.isArray, 'must be an array of registration ids'),
      v.maxLength(limits.renewals, `must have at most ${limits.renewals} entries`),
      v.array(v.lazy((input) => (typeof input === 'object' ? renewal : someId))),
    ),
  }),
};

type Schemas = typeof requestSchemas;

/** Absent and `undefined` are the same to callers, so outputs are typed as plain optional fields. */
export interface Checked {
  address: Address;
  options: RegistrationOptions;
  registration: Address & RegistrationOptions;
  health: { unhealthy: string | null };
  state: RegistrationState;
  backend: BackendFields;
  backendChange: BackendChange;
  frontend: FrontendFields;
  frontendChange: FrontendChange;
  drainRule: DrainRuleFields;
  drainRuleChange: DrainRuleChange;
  renewals: { ids: (string | Renewal)[] };
}

/** Returns `input` with the type of the schema. Throws {@link InvalidError}. */
export function check<K extends keyof Schemas>(kind: K, input: unknown): Checked[K] {
  // Valibot accepts an array as an object.
  if (Array.isArray(input)) throw new InvalidError(notAnObject);
  const result = v.safeParse(requestSchemas[kind], input, { abortEarly: true });
  if (!result.success) throw new InvalidError(explain(result.issues[0]));
  const fields = { ...result.output } as Partial<Record<'resource', unknown>>;
  delete fields.resource;
  return fields as unknown as Checked[K];
}

/** The same for routing facts alone, as they stand in a file. */
export function checkRouting(input: unknown): Routing {
  const result = v.safeParse(v.object({ routing: routingSchema }), { routing: input }, { abortEarly: true });
  if (!result.success) throw new InvalidError(explain(result.issues[0]));
  return result.output.routing;
}

const notAnObject = 'the body must be a JSON object';

function explain(issue: v.BaseIssue<unknown>): string {
  const field = v.getDotPath(issue);
  if (field === null) return issue.type === 'check' ? issue.message : notAnObject;
  if (issue.type === 'strict_object' && issue.expected === 'never') return `unknown field '${field}'`;
  if (issue.input === undefined) return `'${field}' is missing`;
  return `'${field}' ${issue.message}, not ${shorten(issue.input)}`;
}

function shorten(value: unknown): string {
  const size = sizeOf(value);
  if (size > 1000) return `${size.toLocaleString('en')} of them`;
  const text = toJson(value) ?? 'something that deep';
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** Values in an array or object. */
function sizeOf(value: unknown): number {
  // The keys of a long array would be a string each.
  if (Array.isArray(value)) return value.length;
  return typeof value === 'object' && value !== null ? Object.keys(value).length : 0;
}
