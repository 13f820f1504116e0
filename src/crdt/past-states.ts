/** The last states of a document, by their heads: most questions about its history concern these. */

/** Enough for the states that a connected peer may still be at. */
const statesKept = 1000;

export class PastStates {
  /** The number of each state, in order. */
  readonly #numbers = new Map<string, number>();
  #last = 0;

  /** Notes the present state. */
  add(heads: readonly string[]): void {
    this.#numbers.set(heads.join(), ++this.#last);
    if (this.#numbers.size <= statesKept) return;
    const [oldest] = this.#numbers.keys();
    this.#numbers.delete(oldest!);
  }

  has(heads: readonly string[]): boolean {
    return this.#numbers.has(heads.join());
  }

  /** Whether `later` is the state `earlier`, or followed it. Also false if one of them is no longer known. */
  follows(later: readonly string[], earlier: readonly string[]): boolean {
    const [at, since] = [this.#numbers.get(later.join()), this.#numbers.get(earlier.join())];
    return at !== undefined && since !== undefined && at >= since;
  }
}
