/**
 * Limits the streams that are open to this daemon. Those of members are kept: the shape of the cluster limits them.
 * Those of unknown callers (which may be joining) are few, and the one that has been open for longest makes room for
 * the next: however many a client opens, a daemon that joins gets its turn, and members are not affected.
 */

/**
 * Streams in all. In a full mesh there are seven, beyond that as many as the ring has fingers, both ways (some 16 among
 * 200 daemons); each may be there twice while a peer connects anew. With the longest message on each they hold 256 MiB.
 */
export const maxStreams = 128;

/** The most streams that have not brought a frame of a member. */
export const maxUnknown = 32;

/** What is known of an open stream. */
export interface Slot {
  /** Whether it has brought a frame of a live member, which was accepted. */
  isMember: boolean;
  /** Ends the stream. */
  evict(): void;
}

export class StreamSlots {
  /** In the order in which they were opened. */
  readonly #slots = new Set<Slot>();

  get size(): number {
    return this.#slots.size;
  }

  /** Adds a stream if there is room, ending another one if necessary. */
  add(slot: Slot): boolean {
    const unknown = [...this.#slots].filter(({ isMember }) => !isMember);
    if (unknown.length >= maxUnknown || this.#slots.size >= maxStreams) {
      const [oldest] = unknown;
      if (!oldest) return false;
      this.delete(oldest);
      oldest.evict();
    }
    this.#slots.add(slot);
    return true;
  }

  delete(slot: Slot): void {
    this.#slots.delete(slot);
  }
}
