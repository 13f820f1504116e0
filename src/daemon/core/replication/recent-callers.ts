/**
 * Who has called lately: they may be no members, or not yet, and get a link for as long as they keep calling. There are
 * at most {@link callersKept} of them, so that whoever reaches the port cannot make this daemon keep more and more.
 */

import type { LeaseTime } from '../../../crdt/clocks.js';
import { callerKeptMs } from './timing.js';

/** Callers at a time; whoever called longest ago makes room. */
export const callersKept = 256;

export class RecentCallers<Key extends string> {
  /** When each called last, in that order. */
  readonly #calledAt = new Map<Key, LeaseTime>();

  has(caller: Key): boolean {
    return this.#calledAt.has(caller);
  }

  /** @returns the caller that makes room for this one, if one has to */
  touch(caller: Key, now: LeaseTime): Key | undefined {
    this.#calledAt.delete(caller);
    this.#calledAt.set(caller, now);
    if (this.#calledAt.size <= callersKept) return undefined;
    const [oldest] = this.#calledAt.keys();
    this.#calledAt.delete(oldest!);
    return oldest;
  }

  /** Forgets those who have not called for some time. */
  expire(now: LeaseTime): void {
    for (const [caller, calledAt] of this.#calledAt) {
      if (now - calledAt <= callerKeptMs) return;
      this.#calledAt.delete(caller);
    }
  }
}
