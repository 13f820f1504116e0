/** A registration as it is stored in the holdings of a daemon. */

import * as v from 'valibot';
import { type Check, type CheckOptions, completeCheck, sameCheck } from '../model/check.js';
import { checkShape } from '../model/check-fields.js';
import { limits } from '../model/limits.js';
import { isMeta } from '../model/meta.js';
import type { Meta } from '../model/registration.js';
import { visible } from '../model/visible.js';
import { type Decision, decisionShape, isSameDecision, showsSame } from './decision.js';
import type { LifeId } from './ids.js';

const isVisible = (text: string): boolean => text === '' || visible.test(text);

/** The value of an entry. All of it travels with copies and take-overs. */
export interface EntryValue {
  /** ms */
  ttl: number;
  meta: Meta;
  /** Absent before the first decision: then it is not draining. */
  decision?: Decision;
  /** Unix ms by the clock of the daemon that took it in; informative. */
  registered: number;
  /** The client's id of this run of the service, if it gave one. */
  instance?: string;
  /** The message of its failing health check; absent or empty while it is healthy. An unhealthy entry is offline. */
  unhealthy?: string;
  /** How its holder probes it; absent or null if it renews by itself. */
  check?: Check | null;
}

export interface Entry extends EntryValue {
  /** Random, new each time the key comes online by a registration. A delete ends a life. */
  life: LifeId;
  /** Orders values: one above the highest known for the key each time it comes online or changes. */
  rev: number;
}

/** Shared by all entries without metadata, which saves memory at 100,000 of them. */
export const noMeta: Meta = Object.freeze({});

/** The stored form. Default values are left out, since it is stored and sent for every registration. */
export function toStored(entry: Entry): object {
  const { life, rev, ttl, meta, decision, registered, instance, unhealthy, check } = entry;
  return {
    life,
    rev,
    ttl,
    registered,
    ...(meta === noMeta || Object.keys(meta).length === 0 ? {} : { meta }),
    ...(decision === undefined ? {} : { decision }),
    ...(instance === undefined ? {} : { instance }),
    ...(unhealthy ? { unhealthy } : {}),
    ...(check ? { check } : {}),
  };
}

const lifeShape = v.pipe(v.string(), v.minLength(1), v.maxLength(64));

/** A decision and its life, as stored in the holdings of the daemon that took the command. */
export const decidedShape = v.object({ life: lifeShape, decision: decisionShape });

const schema = v.object({
  life: lifeShape,
  rev: v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(limits.rev)),
  ttl: v.pipe(v.number(), v.safeInteger(), v.minValue(limits.ttlMin), v.maxValue(limits.ttlMax)),
  registered: v.number(),
  meta: v.optional(v.custom<Meta>(isMeta), noMeta),
  decision: v.optional(decisionShape),
  instance: v.optional(v.pipe(v.string(), v.maxLength(limits.name), v.check(isVisible))),
  unhealthy: v.optional(v.pipe(v.string(), v.maxLength(limits.unhealthy), v.check(isVisible))),
  // A check of a later version that cannot be read here costs the check, not the entry.
  check: v.optional(v.fallback(v.nullable(checkShape), null)),
});

/** Returns undefined if the value is no entry: what peers send is checked. */
export function readEntry(stored: unknown): Entry | undefined {
  const fields = read(schema, stored);
  if (fields === undefined) return undefined;
  // One literal: an object that a validator builds field by field takes V8 twice the memory.
  const { life, rev, ttl, meta, decision, registered, instance, unhealthy, check } = fields;
  return {
    life: life as LifeId,
    rev,
    ttl,
    meta,
    registered,
    ...(decision === undefined ? {} : { decision: decision as Decision }),
    ...(instance === undefined ? {} : { instance }),
    ...(unhealthy ? { unhealthy } : {}),
    ...(check ? { check: completeCheck(check as CheckOptions) } : {}),
  };
}

/** Returns `value` if it has the given shape, else undefined. */
export function read<T extends v.GenericSchema>(shape: T, value: unknown): v.InferOutput<T> | undefined {
  const result = v.safeParse(shape, value);
  return result.success ? result.output : undefined;
}

/** Whether two entries are equal in every field. */
export const sameEntry = (a: Entry, b: Entry): boolean =>
  a.life === b.life && a.rev === b.rev && isSameDecision(a.decision, b.decision) && sameValue(a, b);

/** Whether two entries have the same value, whatever their life, rev and decision version. */
export const sameValue = (a: EntryValue, b: EntryValue): boolean =>
  a.ttl === b.ttl &&
  showsSame(a.decision, b.decision) &&
  a.instance === b.instance &&
  (a.unhealthy || undefined) === (b.unhealthy || undefined) &&
  a.registered === b.registered &&
  sameCheck(a.check, b.check) &&
  sameMeta(a.meta, b.meta);

export const isDraining = ({ decision }: EntryValue): boolean => decision?.draining ?? false;

/** `entry` with this decision; the same object if it has it already. */
export const withDecision = (entry: Entry, decision: Decision | undefined): Entry =>
  decision === undefined || decision === entry.decision ? entry : { ...entry, decision };

export const sameMeta = (a: Meta, b: Meta): boolean => a === b || canonical(a) === canonical(b);

/**
 * JSON with sorted keys, so that the order in which a client wrote them does not matter. If it is nested too deeply to
 * be sorted, the order stays.
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
