/** The last states that a document went through, by their heads: most questions about its history are about these. */

/** Enough for the states that a peer in reach may still be at. */
const statesKept = 1000;

export class PastStates {
  /** Each with its number, in their order. */
  readonly #numbers = new Map<string, number>();
  #last = 0;

  /** The document is in this state now. */
  add(heads: readonly string[]): void {
    this.#numbers.set(heads.join(), ++this.#last);
    if (this.#numbers.size <= statesKept) return;
    const [oldest] = this.#numbers.keys();
    this.#numbers.delete(oldest!);
  }

  has(heads: readonly string[]): boolean {
    return this.#numbers.has(heads.join());
  }

  /**
   * Whether `later` is the state `earlier`, or one that followed it. False also if one of them is not known any more.
   */
  follows(later: readonly string[], earlier: readonly string[]): boolean {
    const [at, since] = [this.#numbers.get(later.join()), this.#numbers.get(earlier.join())];
    return at !== undefined && since !== undefined && at >= since;
  }
}
