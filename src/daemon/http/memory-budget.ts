/**
 * Bytes of one kind that all connections together may keep in memory, such as bodies that are being received.
 *
 * When none is left, the holder that has had its part for longest loses it, if that was long enough: honest clients are
 * done in that time, and slow ones must not keep all others out.
 */
export class MemoryBudget<Holder extends object> {
  #bytes = 0;
  /** Oldest first. */
  readonly #parts = new Map<Holder, { bytes: number; since: number }>();

  constructor(
    private readonly most: number,
    /** How long a holder keeps its part in any case. */
    private readonly graceMs: number,
    private readonly evict: (holder: Holder) => void,
    private readonly now = () => performance.now(),
  ) {}

  /** In use. */
  get bytes(): number {
    return this.#bytes;
  }

  /** `holder` needs so many bytes more. False if there is no room. */
  take(holder: Holder, bytes: number): boolean {
    while (this.#bytes + bytes > this.most && this.#evictOldest(holder));
    if (this.#bytes + bytes > this.most) return false;
    const part = this.#parts.get(holder) ?? { bytes: 0, since: this.now() };
    part.bytes += bytes;
    this.#bytes += bytes;
    this.#parts.set(holder, part);
    return true;
  }

  /** `holder` no longer keeps anything. */
  release(holder: Holder): void {
    this.#bytes -= this.#parts.get(holder)?.bytes ?? 0;
    this.#parts.delete(holder);
  }

  #evictOldest(except: Holder): boolean {
    for (const [holder, { since }] of this.#parts) {
      if (holder === except) continue;
      if (this.now() - since < this.graceMs) return false;
      this.release(holder);
      this.evict(holder);
      return true;
    }
    return false;
  }
}
