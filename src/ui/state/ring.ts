/** The last things of many, the newest last. */

export class Ring<T> {
  #items: T[] = [];

  constructor(private readonly most: number) {}

  push(item: T): void {
    this.#items.push(item);
    // In bulk, since to cut one off costs as much as to cut off many.
    if (this.#items.length > this.most * 1.5) this.#items = this.#items.slice(-this.most);
  }

  /** The newest first, at most `count` that `isWanted` lets through. */
  newest(count: number, isWanted: (item: T) => boolean = () => true): T[] {
    const found: T[] = [];
    for (let at = this.#items.length - 1; at >= 0 && found.length < count; at--)
      if (isWanted(this.#items[at]!)) found.push(this.#items[at]!);
    return found;
  }
}
