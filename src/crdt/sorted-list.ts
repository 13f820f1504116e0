/**
 * Items in the order of their keys, which are unique. An item is put in its place when it comes, in about a
 * microsecond, so that nobody ever waits for tens of thousands to be sorted.
 *
 * The items stand in blocks: putting one in moves only the rest of its block.
 */

/** Items of a block that is cut in two. */
const largestBlock = 1024;

export class SortedList<T> {
  readonly #blocks: T[][] = [];
  #size = 0;

  constructor(private readonly keyOf: (item: T) => string) {}

  get size(): number {
    return this.#size;
  }

  /** Puts in an item whose key is not there yet. */
  add(item: T): void {
    this.#size++;
    const key = this.keyOf(item);
    const index = this.#blockOf(key);
    const block = this.#blocks[index];
    if (!block) return void this.#blocks.push([item]);
    block.splice(this.#placeIn(block, key), 0, item);
    if (block.length > largestBlock) this.#blocks.splice(index + 1, 0, block.splice(largestBlock / 2));
  }

  /** Takes out the item with this key, if it is there. */
  delete(key: string): void {
    const index = this.#blockOf(key);
    const block = this.#blocks[index];
    const place = block ? this.#placeIn(block, key) : 0;
    const item = block?.[place];
    if (item === undefined || this.keyOf(item) !== key) return;
    this.#size--;
    block!.splice(place, 1);
    if (block!.length === 0) this.#blocks.splice(index, 1);
  }

  /** All of them, as of now. */
  toArray(): T[] {
    return this.#blocks.flat();
  }

  /** The last block that begins at `key` or before it; else the first one. */
  #blockOf(key: string): number {
    let [low, high] = [0, this.#blocks.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.keyOf(this.#blocks[middle]![0]!) <= key) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The index in a block of the first item whose key is `key` or comes after it. */
  #placeIn(block: readonly T[], key: string): number {
    let [low, high] = [0, block.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.keyOf(block[middle]!) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
