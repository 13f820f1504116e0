/**
 * What was made of the registry, until the state that it was made of has passed. It is bounded: what was made first
 * goes first. What costs nothing is not kept, since clients may ask for any number of names that do not exist.
 */
export class StateCache<T extends { cost: number }> {
  readonly #kept = new Map<string, { stamp: string; made: T }>();
  #cost = 0;

  /** @param most  the cost of all that is kept */
  constructor(private readonly most: number) {}

  /** What `make` makes, if it is not kept as of `stamp`. */
  find(key: string, stamp: string, make: () => T): T {
    const kept = this.#kept.get(key);
    if (kept?.stamp === stamp) return kept.made;
    this.#drop(key);
    const made = make();
    if (made.cost === 0) return made;
    this.#kept.set(key, { stamp, made });
    this.#cost += made.cost;
    for (const oldest of this.#kept.keys()) {
      if (this.#cost <= this.most) break;
      this.#drop(oldest);
    }
    return made;
  }

  #drop(key: string): void {
    this.#cost -= this.#kept.get(key)?.made.cost ?? 0;
    this.#kept.delete(key);
  }
}
