/** What routing facts may be, in requests and in what other daemons write; and a warm-up, which stands beside them. */

import * as v from 'valibot';
import type { Routing } from './catalog.js';
import { isWarmup } from './catalog.js';
import { isHost, isReachable, normalizeHost } from './host.js';
import { limits } from './limits.js';
import { schemes } from './routing.js';

const routingHost = v.pipe(
  v.string('must be a string'),
  v.metadata({ minLength: 1, maxLength: limits.host + 1 }),
  v.transform(normalizeHost),
  v.check((host) => isHost(host) && isReachable(host), 'must be a host name or an IP address'),
);

/** The characters of a path in RFC 3986, without the quotes and the comma that proxies use in their own syntax. */
const path = /^\/[A-Za-z0-9\-._~!$&()*+;=:@%/]*$/;

const pathPrefix = v.pipe(
  v.string('must be a string'),
  v.maxLength(limits.pathPrefix, `must have at most ${limits.pathPrefix} characters`),
  v.regex(path, 'must begin with a slash, and have only letters, digits and -._~!$&()*+;=:@%/'),
);

/** Something in the proxy's own configuration: `websecure`, `auth@file`. */
const proxyName = v.pipe(
  v.string('must be a string'),
  v.maxLength(limits.name, `must have at most ${limits.name} characters`),
  v.regex(/^[A-Za-z0-9][A-Za-z0-9._@-]*$/, 'must begin with a letter or digit, and have only these and . _ @ -'),
);

function listOf(item: v.GenericSchema<string, string>, what: string) {
  const size = `must have from 1 to ${limits.routingItems} ${what}`;
  return v.pipe(
    v.custom<unknown[]>(Array.isArray, `must be a list of ${what}`),
    v.check((all) => all.length > 0 && all.length <= limits.routingItems, size),
    v.array(item),
    v.metadata({ minItems: 1, maxItems: limits.routingItems }),
    v.transform((all) => [...new Set(all)]),
  );
}

/** In the order in which they are written: equal facts are equal texts. */
const entries = {
  hosts: v.optional(listOf(routingHost, 'hosts')),
  pathPrefix: v.optional(pathPrefix),
  scheme: v.optional(v.picklist(schemes, `must be one of ${schemes.join(', ')}`)),
  entryPoints: v.optional(listOf(proxyName, 'entry points')),
  middlewares: v.optional(listOf(proxyName, 'middlewares')),
};

const saysSomething = (routing: object): boolean => Object.values(routing).some((fact) => fact !== undefined);

/** In a request. */
export const routingSchema = v.pipe(
  v.strictObject(entries, `must be an object with ${Object.keys(entries).join(', ')}`),
  v.check(saysSomething, 'must say something; null removes it'),
  v.metadata({ minProperties: 1 }),
);

/** In the catalog, where a later release may have written more. */
const storedShape = v.pipe(v.object(entries), v.check(saysSomething));

/** Returns undefined if they are none. */
export function readRouting(value: unknown): Routing | undefined {
  const result = v.safeParse(storedShape, value);
  return result.success ? result.output : undefined;
}

/** 0: none. */
export const warmup = v.pipe(
  v.number('must be a number of milliseconds'),
  v.check(
    (ms) => ms === 0 || isWarmup(ms),
    `must be 0, or whole milliseconds from ${limits.warmup.min} to ${limits.warmup.max}`,
  ),
  v.metadata({ type: 'integer', minimum: 0, maximum: limits.warmup.max }),
);
