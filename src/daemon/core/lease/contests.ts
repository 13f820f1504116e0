/**
 * Settles which version is at an address, if two were registered there by daemons that did not hear each other. Usually
 * one of them is gone and expires. If the one with the higher rev (then id) is renewed from now on, its holder ends the
 * other.
 */

import type { LeaseTime } from '../../../crdt/clocks.js';
import type { OwnHoldings } from '../../../crdt/own-holdings.js';
import type { View } from '../../../crdt/view.js';
import type { RegistrationId } from '../../../model/registration.js';

export class Contests {
  /** Entries held here whose address another version has too, and since when that is known. */
  readonly #since = new Map<RegistrationId, LeaseTime>();

  constructor(
    private readonly own: OwnHoldings,
    private readonly view: View,
  ) {}

  /** This id has changed: notes whether another version has the same address. */
  see(id: RegistrationId, now: LeaseTime): void {
    const { own } = this;
    const isFirst = own.entries.has(id) && this.#lesserSiblings(id).length > 0;
    if (isFirst && !this.#since.has(id)) this.#since.set(id, now);
    for (const sibling of this.view.siblings(id))
      if (own.entries.has(sibling) && !this.#since.has(sibling)) this.#since.set(sibling, now);
  }

  /**

   * Ends the versions that have lost.
   * @param renewedAt  when an id that is held here was renewed last
   * @param end  ends an id
   */
  settle(renewedAt: (id: RegistrationId) => LeaseTime, end: (id: RegistrationId) => void): void {
    for (const [id, since] of this.#since) {
      const lesser = this.own.entries.has(id) ? this.#lesserSiblings(id) : [];
      if (lesser.length === 0) this.#since.delete(id);
      else if (renewedAt(id) > since) lesser.forEach(end);
    }
  }

  /** Other versions at the address of `id` that rank below it. */
  #lesserSiblings(id: RegistrationId): RegistrationId[] {
    const rev = this.view.winner(id)?.entry.rev ?? 0;
    return this.view.siblings(id).filter((sibling) => {
      const other = this.view.winner(sibling)!.entry.rev;
      return other < rev || (other === rev && sibling < id);
    });
  }
}
