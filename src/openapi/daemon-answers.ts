/** What answers about daemons, events and errors look like: see answers.ts. */

import * as v from 'valibot';
import { statusOf } from '../daemon/http/errors.js';
import type { DaemonInfo, Status } from '../model/daemon.js';
import { accessCodes, type ErrorBody, type ErrorCode } from '../model/errors.js';
import type { BenderEvent, DaemonIdentity } from '../model/events.js';
import type { LeaseInfo } from '../model/lease.js';
import { roles } from '../model/roles.js';
import type { WhoAmI } from '../model/whoami.js';
import { answers } from './answers.js';
import { caveats, text, unixMs, whole, yes } from './plain.js';
import type { Exact } from './same-type.js';

const daemonIdentity = { name: text, url: text, generation: whole, runId: text, version: text };

const daemon = v.object({
  ...daemonIdentity,
  peerUrl: v.exactOptional(text),
  state: v.picklist(['online', 'lost', 'left']),
  self: v.boolean(),
  lastHeard: whole,
  linked: v.boolean(),
  roundTrip: v.exactOptional(v.pipe(v.number(), v.minValue(0))),
  behind: v.exactOptional(whole),
  held: whole,
  fetchedAnew: v.exactOptional(whole),
});

const status = v.object({
  name: text,
  url: text,
  peerUrl: v.exactOptional(text),
  listening: v.exactOptional(text),
  insecure: v.exactOptional(yes),
  dns: v.exactOptional(v.object({ host: text, port: whole, domain: text })),
  tls: v.exactOptional(
    v.object({ expires: unixMs, mutual: v.boolean(), clientAuth: v.picklist(['none', 'request', 'require']) }),
  ),
  version: text,
  cluster: text,
  generation: whole,
  runId: text,
  uptime: whole,
  ready: v.boolean(),
  stale: v.boolean(),
  settings: v.object({ ttl: whole, peerTimeout: whole }),
  counts: v.object({ registrations: whole, held: whole, backends: whole, frontends: whole, daemons: whole }),
  epoch: v.exactOptional(whole),
  catalogBytes: whole,
  memory: v.object({ rss: whole, heapUsed: whole, external: whole }),
  load: v.exactOptional(
    v.object({
      overloaded: v.boolean(),
      connections: whole,
      watchers: whole,
      // A limit that refused nothing is absent, which the type has to say otherwise.
      refused: v.record(v.string(), v.optional(whole)),
    }),
  ),
  time: v.exactOptional(unixMs),
  openFiles: v.exactOptional(v.object({ open: whole, limit: whole })),
  peers: v.exactOptional(
    v.array(
      v.object({
        url: text,
        reached: v.boolean(),
        self: v.exactOptional(yes),
        addresses: v.exactOptional(whole),
        reason: v.exactOptional(text),
      }),
    ),
  ),
});

const { Registration: registration, Backend: backend, Frontend: frontend, DrainRule: drainRule } = answers;
const identity = v.object(daemonIdentity);
const inEvery = { at: unixMs, ...caveats };

const events = {
  EventOnline: v.object({ type: v.literal('online'), registration, ...inEvery }),
  EventOffline: v.object({
    type: v.literal('offline'),
    registration,
    reason: v.picklist(['expired', 'deregistered', 'daemon-lost', 'replaced', 'unhealthy', 'unmatched']),
    detail: v.exactOptional(text),
    ...inEvery,
  }),
  EventUpdated: v.object({
    type: v.literal('updated'),
    registration,
    previous: v.object({
      ttl: v.exactOptional(registration.entries.ttl),
      meta: v.exactOptional(registration.entries.meta),
      draining: v.exactOptional(registration.entries.draining),
      drainReason: registration.entries.drainReason,
      drainUntil: registration.entries.drainUntil,
      drainRule: registration.entries.drainRule,
      registered: v.exactOptional(registration.entries.registered),
      check: registration.entries.check,
    }),
    reason: v.exactOptional(text),
    ...inEvery,
  }),
  EventOfBackend: v.object({
    type: v.picklist(['backend-created', 'backend-updated', 'backend-deleted']),
    backend,
    ...inEvery,
  }),
  EventOfFrontend: v.object({
    type: v.picklist(['frontend-created', 'frontend-updated', 'frontend-deleted']),
    frontend,
    ...inEvery,
  }),
  EventOfDrainRule: v.object({
    type: v.picklist(['drain-rule-created', 'drain-rule-updated', 'drain-rule-deleted']),
    drainRule,
    ...inEvery,
  }),
  EventOfDaemon: v.object({
    type: v.picklist(['daemon-online', 'daemon-offline']),
    daemon: identity,
    ...inEvery,
  }),
  EventSnapshot: v.object({
    type: v.literal('snapshot'),
    registrations: v.array(registration),
    backends: v.array(backend),
    frontends: v.array(frontend),
    drainRules: v.exactOptional(v.array(drainRule)),
    daemons: v.array(identity),
    ...inEvery,
  }),
  EventCondition: v.object({ type: v.literal('condition'), ...inEvery }),
};

const event = v.union([
  events.EventOnline,
  events.EventOffline,
  events.EventUpdated,
  events.EventOfBackend,
  events.EventOfFrontend,
  events.EventOfDrainRule,
  events.EventOfDaemon,
  events.EventSnapshot,
  events.EventCondition,
]);

/** Codes that no answer of this API has: those between daemons, and those of commands. */
const elsewhere: readonly ErrorCode[] = [
  ...(['CERTIFICATE_MISSING', 'CERTIFICATE_INVALID', 'CERTIFICATE_NAME', 'NEEDS_PEER', 'CLUSTER_MISMATCH'] as const),
  ...(['NAME_TAKEN', 'NO_INSTANCE', 'UNREACHABLE', 'TIMED_OUT', 'METHOD_NOT_ALLOWED'] as const),
];

/** The codes that answers with a status have. */
export const codesOf = (httpStatus: number): ErrorCode[] =>
  (Object.keys(statusOf) as ErrorCode[]).filter((code) => statusOf[code] === httpStatus && !elsewhere.includes(code));

const ofAll = (codes: readonly ErrorCode[]) => ({ code: v.picklist(codes), message: text });
const ofUnknown = { replacedBy: v.exactOptional(text) };
const ofTokens = { role: v.exactOptional(v.picklist(roles)) };

/** The body of an error with one of these codes. */
export const errorOf = (codes: readonly ErrorCode[]): v.GenericSchema =>
  v.object({
    ...ofAll(codes),
    ...(codes.includes('NOT_FOUND') && ofUnknown),
    ...(accessCodes.some((code) => codes.includes(code)) && ofTokens),
  } as v.ObjectEntries);

export const daemonAnswers = {
  Status: status,
  Daemon: daemon,
  DaemonIdentity: identity,
  Event: event,
  ...events,
  WhoAmI: v.object({
    role: v.picklist(roles),
    name: v.exactOptional(text),
    id: v.exactOptional(text),
    apps: v.exactOptional(v.array(text)),
    tokens: v.boolean(),
  }),
  Lease: v.object({
    id: text,
    ttl: whole,
    holder: text,
    remaining: v.exactOptional(v.number()),
    lost: v.exactOptional(yes),
    probes: v.exactOptional(v.object({ passedAgo: v.number(), fails: whole, problem: v.exactOptional(text) })),
  }),
  Live: v.object({ live: yes }),
  Ready: v.object({ ready: yes }),
};

interface Types {
  Status: Status;
  Daemon: DaemonInfo;
  DaemonIdentity: DaemonIdentity;
  Event: BenderEvent;
  WhoAmI: WhoAmI;
  Lease: LeaseInfo;
}

/** All errors. The description has those of each status by themselves. */
const _errors = { Error: v.object({ ...ofAll(Object.keys(statusOf) as ErrorCode[]), ...ofUnknown, ...ofTokens }) };

/** See answers.ts. */
export const drifted: Exact<Types, typeof daemonAnswers> & Exact<{ Error: ErrorBody }, typeof _errors> = {};
