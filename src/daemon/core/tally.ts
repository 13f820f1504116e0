/** What a daemon counts from its start on, for its metrics: plain numbers, so that a renewal costs one addition. */

import type { OfflineReason } from '../../model/events.js';

export type RegistrationChange = 'online' | 'updated' | 'offline';

export class Tally {
  /** Renewals of clients that were acknowledged here, also those that were registrations. */
  renewals = 0;
  /** Changes of registrations in this daemon's view. */
  readonly changes = { online: 0, updated: 0, offline: 0 } satisfies Record<RegistrationChange, number>;
  /** Those that went offline, by reason. */
  readonly offline: Partial<Record<OfflineReason, number>> = {};

  changed(change: RegistrationChange, reason?: OfflineReason): void {
    this.changes[change]++;
    if (reason) this.offline[reason] = (this.offline[reason] ?? 0) + 1;
  }
}
