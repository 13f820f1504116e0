/**
 * The recent callers. They may be no members, or not yet, and keep a link while they keep calling. At most {@link
 * callersKept} are kept, so that a client of the port cannot use up memory.
 */

import type { LeaseTime } from '../../../crdt/clocks.js';
import { callerKeptMs } from './timing.js';

/** How many callers are kept; the one that called longest ago makes room. */
export const callersKept = 256;

export class RecentCallers<Key extends string> {
  /** When each caller last called, in that order. */
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

  /** Forgets callers that have not called for {@link callerKeptMs}. */
  expire(now: LeaseTime): void {
    for (const [caller, calledAt] of this.#calledAt) {
      if (now - calledAt <= callerKeptMs) return;
      this.#calledAt.delete(caller);
    }
  }
}
