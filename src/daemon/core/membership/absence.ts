/**
 * What a daemon that was away does not know: for how long the others were silent meanwhile. Its clock does not count
 * the time.
 */

import type { Incarnation } from './incarnation.js';

export class Absence {
  /** By incarnation that no peer has spoken of since this daemon was away, for how many ms it was. */
  readonly #away = new Map<Incarnation, number>();
  /** This daemon's own incarnation before that. */
  #former: Incarnation | undefined;

  /** See {@link Membership.wasAway}. */
  begin(all: Iterable<Incarnation>, ms: number, former = this.#former): void {
    this.#former = former;
    for (const one of all) this.#away.set(one, (this.#away.get(one) ?? 0) + ms);
  }

  /**
   * A peer speaks of an incarnation. If this daemon was away and has heard nothing of it since, that counts as it is
   * said, if the peer knows all that was known here before; what was known here is older by the time away. Returns that
   * time (ms).
   *
   * What peers say of this daemon's former self counts only with the rest, in {@link end}: they may never have heard
   * its last sign.
   */
  spokenOf(one: Incarnation, counter: number, isGone: boolean): number {
    const awayMs = this.#away.get(one) ?? 0;
    const isBehind = counter < one.counter;
    if (awayMs === 0 || one === this.#former || (isBehind && !isGone)) return awayMs;
    this.#away.delete(one);
    one.spokenOf(awayMs, isBehind);
    return awayMs;
  }

  /**
   * ms to add to what is told of an incarnation. Nobody but this daemon can know it of its former self. What it has
   * heard of others may be older than that, or newer.
   */
  ofFormer(one: Incarnation): number {
    return (one === this.#former && this.#away.get(one)) || 0;
  }

  forget(one: Incarnation): void {
    this.#away.delete(one);
  }

  /** See {@link Membership.returned}. Without peers, the time away still counts once the first of them speaks. */
  end(heard: boolean): void {
    if (heard) {
      for (const [one, ms] of this.#away) one.shift(ms);
      this.#away.clear();
    } else if (this.#former) this.#away.delete(this.#former);
    this.#former = undefined;
  }
}
