/** The changes of one daemon's view, as they stand in its event stream. */

import type { Backend, Frontend } from './catalog.js';
import type { DaemonInfo } from './daemon.js';
import { isSameJson } from './json.js';
import type { Registration } from './registration.js';

/**
 * Why a registration went offline: its holder heard no renewal for the TTL (`expired`), it was deleted
 * (`deregistered`), its holder was lost and it was not renewed elsewhere (`daemon-lost`), another instance or another
 * version of the app registered at its address (`replaced`), or its health check failed (`unhealthy`). `unmatched` is
 * said only to those who watch by metadata: it is online still, and no longer matches.
 */
export type OfflineReason = 'expired' | 'deregistered' | 'daemon-lost' | 'replaced' | 'unhealthy' | 'unmatched';

export type RegistrationEvent = { type: 'online'; registration: Registration } | OfflineEvent | UpdatedEvent;

export interface OfflineEvent {
  type: 'offline';
  /** As it was while it was online. */
  registration: Registration;
  reason: OfflineReason;
  /** What the health check said, if that is the reason. */
  detail?: string;
}

/** Something about a registration is different, and it is online before and after. */
export interface UpdatedEvent {
  type: 'updated';
  registration: Registration;
  /** What was different before. */
  previous: Previous;
  /** Why an operator decided so, where this is about a decision and a reason was given. */
  reason?: string;
}

const updatable = ['ttl', 'meta', 'draining', 'drainReason', 'registered'] as const;

/** What an update has changed of a registration, as it was before; what was not there then is left out. */
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

export type DaemonEvent = { type: 'daemon-online' | 'daemon-offline'; daemon: DaemonIdentity };

/** Which daemon an event is about. */
export type DaemonIdentity = Pick<DaemonInfo, 'name' | 'url' | 'generation' | 'runId' | 'version'>;

export type Change = RegistrationEvent | BackendEvent | FrontendEvent | DaemonEvent;

/** Everything that is so right now: from here a watcher can go on with changes alone. */
export interface Snapshot {
  type: 'snapshot';
  registrations: Registration[];
  backends: Backend[];
  frontends: Frontend[];
  daemons: DaemonIdentity[];
}

/** What is to be known of all that a daemon says by whoever would act on an absence. None of them: go ahead. */
export interface Caveats {
  /** It has started just now, and services may not have shown up yet. */
  warming?: true;
  /** It hears fewer than half of the daemons it knows, and answers its last view. */
  stale?: true;
}

/** The caveats are others than they were: from here on those hold that this event carries. */
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
  'daemon-online',
  'daemon-offline',
] as const satisfies readonly Change['type'][];

export type EventType = (typeof eventTypes)[number];
