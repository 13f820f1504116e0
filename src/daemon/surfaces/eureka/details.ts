/**
 * What Eureka knows of an instance and bender has no field for. It is kept in the metadata of the registration under
 * one name, so that every daemon can answer with it.
 */

import { isIP } from 'node:net';
import * as v from 'valibot';
import type { Meta } from '../../../model/registration.js';

/** The name in the metadata. */
export const detailsName = 'eureka';

/** What is not valid is as if it were not there: anyone may write metadata, and one entry must not spoil the list. */
const maybe = <T extends v.GenericSchema>(schema: T) => v.fallback(v.optional(schema), undefined);

const text = maybe(v.string());

/**
 * The metadata that may be answered. A name that begins with `@` would be an attribute in XML, and `@class` names a
 * class for Java clients to load; `$` is the text beside attributes.
 */
export const plainNamed = <T>(metadata: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(metadata).filter(([name]) => !/^[@$]/.test(name)));

/** A Java client refuses a list in which a data center has another name. */
const dataCenter = v.object({
  name: v.picklist(['Amazon', 'Netflix', 'MyOwn']),
  metadata: maybe(v.pipe(v.record(v.string(), v.string()), v.transform(plainNamed))),
});

const schema = v.object({
  ipAddr: maybe(
    v.pipe(
      v.string(),
      v.check((address) => isIP(address) !== 0),
    ),
  ),
  vipAddress: text,
  secureVipAddress: text,
  homePageUrl: text,
  statusPageUrl: text,
  healthCheckUrl: text,
  secureHealthCheckUrl: text,
  /** The port for TLS beside that of the registration. */
  securePort: maybe(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65535))),
  /** Whether the port of the registration is the one for TLS. */
  secure: maybe(v.literal(true)),
  /** Absent: the operator's own. */
  dataCenterInfo: maybe(dataCenter),
});

export type Details = v.InferOutput<typeof schema>;

/** Those in the metadata of a registration; undefined if it did not come from a client of Eureka. */
export function detailsIn(meta: Meta): Details | undefined {
  return Object.hasOwn(meta, detailsName) ? asDetails(meta[detailsName]) : undefined;
}

/** Those among the fields of anything, as far as they are valid. */
export function asDetails(fields: unknown): Details {
  const { output } = v.safeParse(v.fallback(schema, {}), fields);
  return Object.fromEntries(Object.entries(output as Details).filter(([, value]) => value !== undefined));
}
