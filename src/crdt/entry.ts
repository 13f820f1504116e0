/** A registration as it stands in somebody's holdings. */

import * as v from 'valibot';
import { limits } from '../model/limits.js';
import { isMeta } from '../model/meta.js';
import type { Meta } from '../model/registration.js';

/** What the registration is worth knowing for; all of it travels with copies and take-overs. */
export interface EntryValue {
  /** ms */
  ttl: number;
  meta: Meta;
  draining: boolean;
  /** Unix ms by the clock of the daemon that took it in; informative. */
  registered: number;
  /** The client's own name for this start of the service, if it gave one. */
  instance?: string;
}

export interface Entry extends EntryValue {
  /** Random, new each time the key comes online by a registration; what a delete deletes. */
  life: string;
  /** One above the highest known for the key each time it comes online or changes; orders values. */
  rev: number;
}

/** Shared by all entries without metadata: at 100,000 of them that is a difference. */
export const noMeta: Meta = Object.freeze({});

/** Short, since it is stored and sent for every registration: what has its usual value is left out. */
export function encodeEntry({ life, rev, ttl, meta, draining, registered, instance }: Entry): string {
  return JSON.stringify({
    life,
    rev,
    ttl,
    registered,
    ...(meta === noMeta || Object.keys(meta).length === 0 ? {} : { meta }),
    ...(draining ? { draining } : {}),
    ...(instance === undefined ? {} : { instance }),
  });
}

const schema = v.object({
  life: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
  rev: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  ttl: v.pipe(v.number(), v.safeInteger(), v.minValue(limits.ttlMin), v.maxValue(limits.ttlMax)),
  registered: v.number(),
  meta: v.optional(v.custom<Meta>(isMeta), noMeta),
  draining: v.optional(v.boolean(), false),
  instance: v.optional(v.pipe(v.string(), v.maxLength(limits.name))),
});

/** Undefined for what is no entry: a peer's word is believed only when it has the right shape. */
export function decodeEntry(text: string): Entry | undefined {
  const decoded = decode(schema, text);
  if (decoded === undefined) return undefined;
  // As one literal: what a validator puts together field by field takes V8 twice the memory.
  const { life, rev, ttl, meta, draining, registered, instance } = decoded;
  return { life, rev, ttl, meta, draining, registered, ...(instance === undefined ? {} : { instance }) };
}

/** `text` as JSON of the given shape, or undefined. */
export function decode<T extends v.GenericSchema>(shape: T, text: string): v.InferOutput<T> | undefined {
  if (text.length > 4 * limits.metaBytes) return undefined;
  try {
    const result = v.safeParse(shape, JSON.parse(text));
    return result.success ? result.output : undefined;
  } catch {
    return undefined;
  }
}

/** Whether two entries say the same, life and rev aside. */
export const sameValue = (a: EntryValue, b: EntryValue): boolean =>
  a.ttl === b.ttl &&
  a.draining === b.draining &&
  a.instance === b.instance &&
  a.registered === b.registered &&
  sameMeta(a.meta, b.meta);

export const sameMeta = (a: Meta, b: Meta): boolean => a === b || canonical(a) === canonical(b);

/**
 * JSON with sorted keys, so that the order in which a client wrote them is no difference; in the order given
 * where it is nested too deeply to be sorted.
 */
function canonical(value: unknown): string {
  try {
    return JSON.stringify(value, (_, inner: unknown) =>
      inner !== null && typeof inner === 'object' && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
        : inner,
    );
  } catch {
    return JSON.stringify(value);
  }
}
