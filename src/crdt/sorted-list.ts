/**
 * Items sorted by unique keys. An insertion takes about a microsecond, so that no query has to sort tens of thousands.
 *
 * The items are in blocks: an insertion moves only the rest of its block.
 */

/** The size at which a block is split in two. */
const largestBlock = 1024;

export class SortedList<T> {
  readonly #blocks: T[][] = [];
  #size = 0;

  constructor(private readonly keyOf: (item: T) => string) {}

  get size(): number {
    return this.#size;
  }

  /** Inserts an item whose key is not there yet. */
  add(item: T): void {
    this.#size++;
    const key = this.keyOf(item);
    const index = this.#blockOf(key);
    const block = this.#blocks[index];
    if (!block) return void this.#blocks.push([item]);
    block.splice(this.#placeIn(block, key), 0, item);
    if (block.length > largestBlock) this.#blocks.splice(index + 1, 0, block.splice(largestBlock / 2));
  }

  /** Removes the item with this key, if it is there. */
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

  /** A copy of all items. */
  toArray(): T[] {
    return this.#blocks.flat();
  }

  /** The last block that begins at or before `key`; else the first one. */
  #blockOf(key: string): number {
    let [low, high] = [0, this.#blocks.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.keyOf(this.#blocks[middle]![0]!) <= key) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The index in a block of the first item at or after `key`. */
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
