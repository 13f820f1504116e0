/** Incarnations that no longer matter, remembered so that a relayed sign does not bring them back. */

import type { LeaseTime } from '../../../crdt/clocks.js';
import type { DaemonName, DaemonUrl, RunId } from '../../../crdt/ids.js';
import type { Incarnation } from './incarnation.js';

/** What is remembered of one; its name and URL if it was lost without leaving. */
interface Former {
  counter: number;
  lostAt: LeaseTime;
  name?: DaemonName | undefined;
  url?: DaemonUrl | undefined;
}

/** How many are remembered; the oldest make room. */
const remembered = 1000;

export class Forgotten {
  readonly #former = new Map<RunId, Former>();

  has(runId: RunId): boolean {
    return this.#former.has(runId);
  }

  /** Its highest heartbeat counter; undefined if it is not among them. */
  counterOf(runId: RunId): number | undefined {
    return this.#former.get(runId)?.counter;
  }

  add({ runId, counter, lostAt, left, holdings }: Incarnation): void {
    const { name, url } = holdings?.owner ?? {};
    this.#former.set(runId, left ? { counter, lostAt } : { counter, lostAt, name, url });
    for (const oldest of this.#former.keys()) {
      if (this.#former.size <= remembered) break;
      this.#former.delete(oldest);
    }
  }

  /** It is heard again. */
  delete(runId: RunId): void {
    this.#former.delete(runId);
  }

  /** URLs of daemons that were lost without leaving. They may come back, so they are called now and then. */
  urls(): DaemonUrl[] {
    return [...this.#former.values()].flatMap(({ url }) => url ?? []);
  }

  /** Names of daemons that were lost without leaving after `since`. */
  namesLostAfter(since: LeaseTime): DaemonName[] {
    return [...this.#former.values()].flatMap(({ name, lostAt }) =>
      name !== undefined && lostAt > since ? [name] : [],
    );
  }
}
