/** What daemons send each other: one request and one answer of the same shape. See docs/replication.md. */

import * as v from 'valibot';
import type { DaemonName, DaemonUrl, LifeId, RunId } from '../../../crdt/ids.js';
import type { SyncMessage } from '../../../crdt/sync-message.js';
import type { Check } from '../../../model/check.js';
import { checkShape } from '../../../model/check-fields.js';
import { isBaseUrl } from '../../../model/base-url.js';
import { BenderError, InvalidError } from '../../../model/errors.js';
import { limits } from '../../../model/limits.js';
import { isMeta } from '../../../model/meta.js';
import type { Meta, RegistrationId } from '../../../model/registration.js';

export const protocolVersion = 4;

export interface Frame {
  /** The protocol version; another one is refused. */
  v: number;
  cluster: string;
  from: Sender;
  /** Signs of life of every incarnation that the sender remembers. */
  signs?: Sign[];
  sync?: SyncMessage;
  /** Renewals that the sender took for entries that the receiver holds. */
  renewals?: ForwardedRenewal[];
  /** In the answer to `renewals`: the indices of those that the receiver does not hold. */
  refused?: number[];
  /** Registrations of whose leases the sender asks. An earlier version answers without `held`. */
  leases?: RegistrationId[];
  /** In the answer to `leases`: of each, in the same order. */
  held?: HeldLease[];
}

/**
 * What a daemon says of a lease; empty if it does not hold one. `remaining` and `passedAgo` are in ms; what the probes
 * of its check have found is absent without a check, and `problem` unless the last probe failed.
 */
export type HeldLease = [] | [remaining: number, passedAgo?: number, fails?: number, problem?: string];

/** Who sent a frame. */
export interface Sender {
  name: DaemonName;
  runId: RunId;
  /** 0 while joining: not published yet. */
  generation: number;
  /** The advertised base URL. */
  url: DaemonUrl;
  /** Whether the sender has had everything from a peer, rather than started with nothing. */
  synced: boolean;
  /** Whether it has had that for long enough to know which daemons are alive. */
  warm: boolean;
  /** The public key that its run id is derived from. */
  key?: Uint8Array;
  /** Its signature for the receiver ({@link callText}): shows that the frame is its own. */
  proof?: Uint8Array;
}

/**
 * What a daemon knows of an incarnation's life: its heartbeat counter, how long ago (ms) that advanced, and how long
 * ago the incarnation was lost for good (it left, or a later incarnation took its name); -1 if it was not. The counter
 * is signed by the incarnation itself ({@link aliveText}).
 */
export type Sign = [
  runId: RunId,
  counter: number,
  ageMs: number,
  goneForMs: number,
  key?: Uint8Array,
  signature?: Uint8Array,
];

/** A renewal (or, with a change, an update) of the entry with this life and rev. */
export type ForwardedRenewal = [id: RegistrationId, life: LifeId, rev: number, change?: EntryChange];

/** What an instance says anew of itself. */
export interface EntryChange {
  ttl?: number;
  meta?: Record<string, unknown>;
  /** What its health check says; empty: it is healthy again. */
  unhealthy?: string;
  /** How the holder probes it; null: no longer. */
  check?: Check | null;
}

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const text = v.pipe(v.string(), v.maxLength(512));
const bytes = v.instance(Uint8Array);

/** Checked by hand: every frame has one for each daemon of the cluster. */
const isSigns = (input: unknown): boolean => Array.isArray(input) && input.length <= 10_000 && input.every(isSign);

/** A key or a signature. */
const isKey = (input: unknown): boolean => input instanceof Uint8Array && input.length <= 64;

const keyShape = v.custom<Uint8Array>(isKey);

const isSign = (sign: unknown): boolean =>
  Array.isArray(sign) &&
  (sign.length === 4 || (sign.length === 6 && isKey(sign[4]) && isKey(sign[5]))) &&
  typeof sign[0] === 'string' &&
  sign[0].length <= 512 &&
  Number.isSafeInteger(sign[1]) &&
  sign[1] >= 0 &&
  Number.isFinite(sign[2]) &&
  Number.isFinite(sign[3]);

const isHeld = (input: unknown): boolean => Array.isArray(input) && input.every(isHeldLease);

function isHeldLease(lease: unknown): boolean {
  if (!Array.isArray(lease)) return false;
  const [remaining, passedAgo, fails, problem] = lease as unknown[];
  const isTime = (ms: unknown): boolean => ms === undefined || (Number.isFinite(ms) && (ms as number) >= 0);
  const isText = problem === undefined || (typeof problem === 'string' && problem.length <= limits.unhealthy);
  return [remaining, passedAgo, fails].every(isTime) && isText;
}

const heads = v.pipe(v.array(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))), v.maxLength(10_000));

const shape = v.object({
  v: v.number(),
  cluster: text,
  from: v.object({
    name: text,
    runId: v.pipe(text, v.minLength(8)),
    generation: count,
    url: v.pipe(text, v.check(isBaseUrl, 'must be a URL of nothing but scheme, host and port')),
    synced: v.boolean(),
    warm: v.boolean(),
    key: v.optional(keyShape),
    proof: v.optional(keyShape),
  }),
  signs: v.optional(v.custom<Sign[]>(isSigns)),
  sync: v.optional(
    v.object({
      digest: v.optional(text),
      have: v.optional(v.pipe(v.array(v.strictTuple([text, heads])), v.maxLength(5000))),
      all: v.optional(v.boolean()),
      changes: v.optional(
        v.array(v.strictTuple([text, v.array(bytes), v.optional(v.strictTuple([keyShape, keyShape]))])),
      ),
    }),
  ),
  renewals: v.optional(
    v.pipe(
      v.array(
        v.tuple([
          text,
          text,
          count,
          v.optional(
            v.object({
              ttl: v.optional(v.pipe(count, v.minValue(limits.ttlMin), v.maxValue(limits.ttlMax))),
              meta: v.optional(v.custom<Meta>(isMeta)),
              unhealthy: v.optional(v.pipe(v.string(), v.maxLength(limits.unhealthy))),
              check: v.optional(v.nullable(checkShape)),
            }),
          ),
        ]),
      ),
      v.maxLength(limits.renewals),
    ),
  ),
  refused: v.optional(v.array(count)),
  leases: v.optional(v.pipe(v.array(text), v.maxLength(limits.leases))),
  held: v.optional(v.pipe(v.custom<HeldLease[]>(isHeld), v.maxLength(limits.leases))),
});

/** Returns `input` as a frame for this cluster. Throws the BenderError for the sender. */
export function checkFrame(input: unknown, cluster: string): Frame {
  const result = v.safeParse(shape, input, { abortEarly: true });
  if (result.success && result.output.v === protocolVersion && result.output.cluster === cluster)
    return result.output as unknown as Frame;
  refuseForeign(input, cluster);
  const [issue] = result.issues!;
  throw new InvalidError(`malformed frame: ${v.getDotPath(issue) ?? ''} ${issue.message}`);
}

/** Throws for a frame of another version or cluster. Of another version, nothing else is known. */
function refuseForeign(input: unknown, cluster: string): void {
  const head = v.safeParse(v.object({ v: v.number(), cluster: text }), input);
  if (!head.success) throw new InvalidError('this is no bender frame');
  if (head.output.v !== protocolVersion)
    throw new BenderError(
      'CLUSTER_MISMATCH',
      `protocol version ${head.output.v} does not go with version ${protocolVersion} of this daemon`,
    );
  if (head.output.cluster !== cluster)
    throw new BenderError(
      'CLUSTER_MISMATCH',
      `cluster '${head.output.cluster}' does not go with this daemon's, '${cluster}'`,
    );
}
