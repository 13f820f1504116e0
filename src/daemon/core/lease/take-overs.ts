/** Counts the entries that this daemon took over from other holders, so that the log has one line for many of them. */

import type { DaemonName } from '../../../crdt/ids.js';
import type { LeaseTime } from '../../../crdt/clocks.js';
import type { Log } from '../log.js';

/** How long entries are counted together. */
const togetherMs = 5000;

interface Count {
  /** When (lease-clock ms) the first one was taken over. */
  since: LeaseTime;
  entries: number;
}

export class TakeOvers {
  /** By the name of the former holder; undefined if that is not known. */
  readonly #counts = new Map<DaemonName | undefined, Count>();

  constructor(
    private readonly log: Pick<Log, 'info'>,
    /** Lease-clock ms. */
    private readonly now: () => LeaseTime,
  ) {}

  /** Counts an entry that was taken over from `holder`. */
  add(holder: string | undefined): void {
    const count = this.#counts.get(holder);
    if (count) count.entries++;
    else this.#counts.set(holder, { since: this.now(), entries: 1 });
  }

  /** Logs what has been counted for long enough. */
  tell(): void {
    const now = this.now();
    for (const [peer, { since, entries }] of this.#counts) {
      if (now - since < togetherMs) continue;
      this.#counts.delete(peer);
      const what = entries === 1 ? '1 registration' : `${entries} registrations`;
      this.log.info({ entries, ...(peer !== undefined && { peer }) }, `took over ${what}`);
    }
  }
}
