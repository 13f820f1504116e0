/**
 * Two live daemons of one name: each publishes a higher generation than the other, until it is clear that this is no
 * restart. Then the one with the shorter uptime (tie: the smaller run id) has to end.
 */

import type { LeaseTime } from '../../../crdt/clocks.js';
import type { Owner } from '../../../crdt/holdings.js';
import type { DaemonUrl, RunId } from '../../../crdt/ids.js';
import { NameTakenError } from '../../../model/errors.js';
import { limits } from '../../../model/limits.js';
import type { Incarnation, Membership } from './membership.js';

/**
 * By how many heartbeats two counters may differ and still mean the same uptime: they were read at different moments.
 */
const tie = 3;

export class NameConflicts {
  /** Other incarnations of this daemon's name that are heard: since when, and their heartbeat counter then. */
  readonly #heard = new Map<RunId, { since: LeaseTime; counter: number }>();

  constructor(
    private readonly membership: Membership,
    private readonly peerTimeoutMs: number,
    /** Whether this daemon has reached that incarnation itself, at the URL that it advertises. */
    private readonly isReached: (url: DaemonUrl, runId: RunId) => boolean,
  ) {}

  /**
   * @returns the generation to publish so as to rank above the others, and the URL of one of them, if that is necessary
   * @throws NameTakenError if it is this daemon that has to end
   */
  review(self: Incarnation, own: Owner, now: LeaseTime): { generation: number; rivalUrl: DaemonUrl } | undefined {
    let conflict: { generation: number; rivalUrl: DaemonUrl } | undefined;
    for (const other of this.membership.all()) {
      const rival = other.holdings?.owner;
      if (other === self || rival?.name !== own.name || rival.leaving) continue;
      // It counts only while it is heard: what is only relayed is no reason to raise the generation or to end.
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

  /** Whether its counter has advanced for a peer timeout, unlike that of a former self. */
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
