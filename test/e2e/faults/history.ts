/**
 * What happened, as it is known afterwards: every request of the services, every event of the daemons, who
 * could talk to whom. Times are ms of the machine's monotonic clock, the same for all its processes.
 */

import type { OfflineReason } from '../../../src/model/events.js';
import { Connections } from './connections.js';

/** Now, for entries of a {@link History}. */
export const now = (): number => Number(process.hrtime.bigint()) / 1e6;

/** A request to one daemon. */
export interface Attempt {
  kind: 'register' | 'renew' | 'deregister';
  id: string;
  daemon: string;
  sent: number;
  ended: number;
  /** `unknown`: 404. `refused`: it cannot have arrived. `lost`: it may have, but no answer came. */
  outcome: 'acknowledged' | 'unknown' | 'refused' | 'lost';
}

/** An event, when its watcher received it. */
export type Told = { daemon: string; at: number } & (
  | { type: 'online'; id: string }
  | { type: 'offline'; id: string; reason: OfflineReason }
  | { type: 'snapshot'; ids: string[] }
  | { type: 'daemon-online' | 'daemon-offline'; about: string }
);

/** A service instance, which keeps its id to itself: one that is deleted does not come back. */
export interface Service {
  id: string;
  ttl: number;
  /** Whether it renews. */
  alive: boolean;
}

export class History {
  readonly services = new Map<string, Service>();
  readonly #attempts = new Map<string, Attempt[]>();
  readonly told: Told[] = [];
  readonly connections = new Connections();
  readonly timeline: { at: number; what: string }[] = [];

  /** Told as they end, so in that order. */
  add(attempt: Attempt): void {
    const sameId = this.#attempts.get(attempt.id);
    if (sameId) sameId.push(attempt);
    else this.#attempts.set(attempt.id, [attempt]);
  }

  attempts(id: string): readonly Attempt[] {
    return this.#attempts.get(id) ?? [];
  }

  /** Registrations and renewals that were answered well. */
  acknowledged(id: string): Attempt[] {
    return this.attempts(id).filter(({ kind, outcome }) => kind !== 'deregister' && outcome === 'acknowledged');
  }

  note(what: string, at = now()): void {
    this.timeline.push({ at, what });
  }
}
