/**
 * Of two live daemons of one name each steps above the other, until it is clear that this is no restart but two of
 * them; then the one that has been up for less long (tie: the smaller run id) has to go.
 */

import type { LeaseTime } from '../../../crdt/clocks.js';
import type { Owner } from '../../../crdt/holdings.js';
import type { DaemonUrl, RunId } from '../../../crdt/ids.js';
import { NameTakenError } from '../../../model/errors.js';
import { limits } from '../../../model/limits.js';
import type { Incarnation, Membership } from './membership.js';

/** Heartbeats by which two counters may differ and still mean the same uptime: they were read at different moments. */
const tie = 3;

export class NameConflicts {
  /** Others that bear this daemon's name and are heard: since when, and their heartbeat counter then. */
  readonly #heard = new Map<RunId, { since: LeaseTime; counter: number }>();

  constructor(
    private readonly membership: Membership,
    private readonly peerTimeoutMs: number,
    /** Whether this daemon has reached that incarnation itself, at the URL that it advertises. */
    private readonly isReached: (url: DaemonUrl, runId: RunId) => boolean,
  ) {}

  /**
   * @returns the generation with which to step above the others, and the URL of one of them, if that is necessary
   * @throws NameTakenError where it is this daemon that has to go
   */
  review(self: Incarnation, own: Owner, now: LeaseTime): { generation: number; rivalUrl: DaemonUrl } | undefined {
    let conflict: { generation: number; rivalUrl: DaemonUrl } | undefined;
    for (const other of this.membership.all()) {
      const rival = other.holdings?.owner;
      if (other === self || rival?.name !== own.name || rival.leaving) continue;
      // Its claims count as long as it is heard: nobody has to step above, or make way for, what is only told.
      const generation = Math.min(rival.generation + 1, limits.generation);
      if (now - other.heardAt < this.peerTimeoutMs && generation > (conflict ?? own).generation)
        conflict = { generation, rivalUrl: rival.url };
      if (this.#isAlive(other, now) && outlasts(other, self) && this.isReached(rival.url, other.runId))
        throw new NameTakenError(
          `a daemon named '${rival.name}' is running at ${rival.url} already: choose another --name`,
        );
    }
    return conflict;
  }

  /** Whether its counter has gone on for a peer timeout: a former self's does not. */
  #isAlive({ runId, counter, heardAt }: Incarnation, now: LeaseTime): boolean {
    if (now - heardAt >= this.peerTimeoutMs) {
      this.#heard.delete(runId);
      return false;
    }
    const first = this.#heard.get(runId) ?? { since: now, counter };
    this.#heard.set(runId, first);
    return now - first.since >= this.peerTimeoutMs && counter > first.counter + 1;
  }
}

/** Whether `a` has been up for longer, by heartbeats. */
const outlasts = (a: Incarnation, b: Incarnation): boolean =>
  Math.abs(a.counter - b.counter) <= tie ? a.runId > b.runId : a.counter > b.counter;
