/** The changes of one daemon's view, as they stand in its event stream. */

import type { Backend, Frontend } from './catalog.js';
import type { DaemonInfo } from './daemon.js';
import type { Registration } from './registration.js';

/**
 * Why a registration went offline: its holder heard no renewal for the TTL, somebody deleted it, or its
 * holder was lost and nobody renewed it elsewhere.
 */
export type OfflineReason = 'expired' | 'deregistered' | 'daemon-lost';

export type RegistrationEvent =
  | { type: 'online'; registration: Registration }
  | { type: 'offline'; registration: Registration; reason: OfflineReason }
  | { type: 'updated'; registration: Registration };

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
