/**
 * Entries of lost daemons. An orphan counts for its TTL and a grace from the loss, so that a renewal elsewhere is in
 * time, and then lapses. None lapses while this daemon may be cut off.
 */

import type { LeaseTime } from '../../../crdt/clocks.js';
import type { Entry } from '../../../crdt/entry.js';
import type { RunId } from '../../../crdt/ids.js';
import type { View } from '../../../crdt/view.js';
import type { RegistrationId } from '../../../model/registration.js';
import { Deadlines } from '../lease/deadlines.js';
import type { Incarnation, Membership } from '../membership/membership.js';

/** How long an orphan counts beyond its TTL: a renewal may be on its way. */
export const orphanGraceMs = 500;

type OrphanKey = `${RunId} ${RegistrationId}`;

export class Orphans {
  /** When each orphan lapses, by `RUNID ID`. */
  readonly #deadlines = new Deadlines<OrphanKey>();

  /**
   * @param now  lease-clock ms
   * @param isStale  whether this daemon may be cut off
   */
  constructor(
    private readonly view: View,
    private readonly membership: Pick<Membership, 'get'>,
    private readonly now: () => LeaseTime,
    private readonly isStale: () => boolean,
  ) {}

  get size(): number {
    return this.#deadlines.size;
  }

  /** When the next orphan lapses; undefined if none does. */
  next(): LeaseTime | undefined {
    return this.isStale() ? undefined : this.#deadlines.next();
  }

  /** Lapses the orphans that are due. */
  lapse(): void {
    if (this.isStale()) return;
    for (const key of this.#deadlines.takeDue(this.now())) {
      const [runId, id] = key.split(' ') as [RunId, RegistrationId];
      this.view.setLapsed(runId, id, true, this.membership.get(runId)?.heardAt);
    }
  }

  /**
   * A release is about to change. Orphans of this id that are due, and that only the release keeps offline, lapse
   * first: without the release they would come online again. This also holds while this daemon is cut off, since they
   * are offline already.
   */
  lapseReleased(id: RegistrationId): void {
    for (const { holder, entry } of this.view.copies(id)) {
      const incarnation = this.membership.get(holder);
      const isOver = incarnation?.lost === true && lapseTime(incarnation, entry) <= this.now();
      if (isOver && this.view.isReleased(entry.life)) this.view.setLapsed(holder, id, true);
    }
  }

  /**
   * Notes an entry of any incarnation: it is an orphan if its holder is lost. Returns whether it has lapsed already.
   */
  see(incarnation: Incarnation, id: RegistrationId, entry: Entry | undefined, lapsed: boolean): boolean {
    this.#deadlines.delete(orphanKey(incarnation, id));
    if (!entry || !incarnation.lost) return lapsed;
    const lapsesAt = lapseTime(incarnation, entry);
    if (lapsed || (lapsesAt <= this.now() && !this.isStale())) return true;
    this.#deadlines.set(orphanKey(incarnation, id), lapsesAt);
    return false;
  }

  /** An incarnation is lost: its entries are orphans from the time of the loss. Some may have lapsed already. */
  adopt(incarnation: Incarnation): void {
    for (const [id, entry] of incarnation.holdings?.entries ?? [])
      if (this.see(incarnation, id, entry, false))
        this.view.setLapsed(incarnation.runId, id, true, incarnation.heardAt);
  }

  /** The incarnation is back: its entries are no longer orphans. */
  release(incarnation: Incarnation): void {
    for (const id of incarnation.holdings?.entries.keys() ?? []) this.#deadlines.delete(orphanKey(incarnation, id));
  }

  /** Whether all entries of a lost incarnation have lapsed. */
  haveLapsed(incarnation: Incarnation): boolean {
    return [...(incarnation.holdings?.entries.keys() ?? [])].every(
      (id) => this.#deadlines.get(orphanKey(incarnation, id)) === undefined,
    );
  }
}

export const lapseTime = ({ lostAt }: Incarnation, { ttl }: Entry): LeaseTime => lostAt + ttl + orphanGraceMs;

const orphanKey = ({ runId }: Incarnation, id: RegistrationId): OrphanKey => `${runId} ${id}`;
