/**
 * What a daemon that was away does not know: how long the others were silent meanwhile. Its clock did not count that
 * time.
 */

import type { Incarnation } from './incarnation.js';

export class Absence {
  /** The incarnations that no peer has mentioned since this daemon was away, and for how many ms it was. */
  readonly #away = new Map<Incarnation, number>();
  /** This daemon's own incarnation before that. */
  #former: Incarnation | undefined;

  /** See {@link Membership.wasAway}. */
  begin(all: Iterable<Incarnation>, ms: number, former = this.#former): void {
    this.#former = former;
    for (const one of all) this.#away.set(one, (this.#away.get(one) ?? 0) + ms);
  }

  /**
   * A peer mentions an incarnation. If this daemon was away and has heard nothing of it since, the peer's sign counts
   * if it is as recent as what was known here, and what was known here is older by the time away. Returns that time
   * (ms).
   *
   * What peers report of this daemon's former self counts only in {@link end}: they may never have heard its last sign.
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
   * ms to add to the age that is sent for an incarnation. Only this daemon can know it, for its former self. What it
   * has heard of others may be older than that, or newer.
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
