/**
 * How many streams others may keep open to this daemon, and which of them makes room when there are too many: one that has not
 * brought a frame that was accepted, else the one that has been silent for longest. So what strangers open costs members
 * nothing: these send a heartbeat several times in each peer timeout.
 */

/**
 * Streams in all. In a full mesh there are seven, beyond that as many as the ring has fingers, both ways (some 16 among 200
 * daemons); each may be there twice while a peer connects anew. With the longest message on each they hold 256 MiB.
 */
export const maxStreams = 128;

/** Streams from one address, so that one machine cannot take all of them; tests run fifty daemons on one. */
export const maxStreamsPerAddress = 64;

/** What is known of an open stream. */
export interface Slot {
  readonly address: string;
  /** When (monotonic ms) it was opened, or brought a frame that was accepted. */
  heardAt: number;
  /** Whether it ever brought one. */
  isAccepted: boolean;
  /** Ends the stream. */
  evict(): void;
}

/** ms without a frame after which a stream that was accepted may have to make room. Members are never silent for so long. */
const silentMs = 5000;

export class StreamSlots {
  readonly #slots = new Set<Slot>();

  constructor(private readonly now: () => number) {}

  get size(): number {
    return this.#slots.size;
  }

  /** Whether one more stream from this address may be opened. Ends another one if that is what it takes. */
  makeRoom(address: string): boolean {
    const ofAddress = [...this.#slots].filter((slot) => slot.address === address);
    if (ofAddress.length >= maxStreamsPerAddress) return evictOneOf(ofAddress, this.now());
    return this.#slots.size < maxStreams || evictOneOf([...this.#slots], this.now());
  }

  add(slot: Slot): void {
    this.#slots.add(slot);
  }

  delete(slot: Slot): void {
    this.#slots.delete(slot);
  }
}

function evictOneOf(slots: readonly Slot[], now: number): boolean {
  const [worst] = [...slots].sort(
    (a, b) => Number(a.isAccepted) - Number(b.isAccepted) || a.heardAt - b.heardAt,
  );
  if (!worst || (worst.isAccepted && now - worst.heardAt < silentMs)) return false;
  worst.evict();
  return true;
}
