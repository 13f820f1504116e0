/** The changes of one daemon's view, as in its event stream. */

import type { Backend, Frontend } from './catalog.js';
import type { DaemonInfo } from './daemon.js';
import type { DrainRule } from './drain-rule.js';
import { isSameJson } from './json.js';
import type { Registration } from './registration.js';

/**
 * Why a registration went offline: its holder heard no renewal for the TTL (`expired`), it was deleted
 * (`deregistered`), its holder was lost and it was not renewed elsewhere (`daemon-lost`), another instance or another
 * version of the app registered at its address (`replaced`), or its health check failed (`unhealthy`). `unmatched`
 * occurs only for watchers that filter by metadata: it is still online, but no longer matches.
 */
export type OfflineReason = 'expired' | 'deregistered' | 'daemon-lost' | 'replaced' | 'unhealthy' | 'unmatched';

export type RegistrationEvent = { type: 'online'; registration: Registration } | OfflineEvent | UpdatedEvent;

export interface OfflineEvent {
  type: 'offline';
  /** As it was while it was online. */
  registration: Registration;
  reason: OfflineReason;
  /** The message of the health check, if that is the reason. */
  detail?: string;
}

/** A registration has changed, and is online before and after. */
export interface UpdatedEvent {
  type: 'updated';
  registration: Registration;
  /** The former values of what has changed. */
  previous: Previous;
  /** The operator's reason, if this is a drain or undrain and a reason was given. */
  reason?: string;
}

const updatable = ['ttl', 'meta', 'draining', 'drainReason', 'drainUntil', 'drainRule', 'registered', 'check'] as const;

/** The former values of the fields that an update has changed; absent fields did not exist before. */
export type Previous = Partial<Pick<Registration, (typeof updatable)[number]>>;

export const previousOf = (before: Registration, now: Registration): Previous =>
  Object.fromEntries(
    updatable
      .filter((field) => before[field] !== undefined && !isSameJson(before[field], now[field]))
      .map((field) => [field, before[field]]),
  );

export type BackendEvent = {
  type: 'backend-created' | 'backend-updated' | 'backend-deleted';
  backend: Backend;
};

export type FrontendEvent = {
  type: 'frontend-created' | 'frontend-updated' | 'frontend-deleted';
  frontend: Frontend;
};

/** Sent to watchers that ask for them: by `type`, or with `drain-rules`. */
export type DrainRuleEvent = {
  type: 'drain-rule-created' | 'drain-rule-updated' | 'drain-rule-deleted';
  drainRule: DrainRule;
};

export type DaemonEvent = { type: 'daemon-online' | 'daemon-offline'; daemon: DaemonIdentity };

/** The daemon of an event. */
export type DaemonIdentity = Pick<DaemonInfo, 'name' | 'url' | 'generation' | 'runId' | 'version'>;

export type Change = RegistrationEvent | BackendEvent | FrontendEvent | DrainRuleEvent | DaemonEvent;

/** The present state: from here on a watcher needs only changes. */
export interface Snapshot {
  type: 'snapshot';
  registrations: Registration[];
  backends: Backend[];
  frontends: Frontend[];
  /** For watchers that ask for them; absent also from daemons that do not know them. */
  drainRules?: DrainRule[];
  daemons: DaemonIdentity[];
}

/** Reasons not to act on something being absent. If none is set, the answer can be trusted. */
export interface Caveats {
  /** The daemon has just started, and services may not have registered yet. */
  warming?: true;
  /** The daemon hears fewer than half of the daemons that it knows, and serves its last view. */
  stale?: true;
}

/** The caveats have changed: from here on those of this event hold. */
export interface ConditionEvent {
  type: 'condition';
}

/** What `GET /events` sends as `data`, with the daemon's wall clock (Unix ms, informative). */
export type BenderEvent = (Change | Snapshot | ConditionEvent) & { at: number } & Caveats;

export const eventTypes = [
  'online',
  'offline',
  'updated',
  'backend-created',
  'backend-updated',
  'backend-deleted',
  'frontend-created',
  'frontend-updated',
  'frontend-deleted',
  'drain-rule-created',
  'drain-rule-updated',
  'drain-rule-deleted',
  'daemon-online',
  'daemon-offline',
] as const satisfies readonly Change['type'][];

export type EventType = (typeof eventTypes)[number];
