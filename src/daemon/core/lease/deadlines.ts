/**
 * Keys with deadlines, the earliest first. Moving a deadline further away, as a renewal does, costs one map look-up:
 * the heap is corrected when the earlier time comes (etcd's lease queue does the same).
 */

import type { LeaseTime } from '../../../crdt/clocks.js';

interface Node<Key> {
  key: Key;
  at: LeaseTime;
}

interface Deadline<Key> {
  at: LeaseTime;
  /** The heap node that stands for this deadline; its time is never after `at`. */
  node: Node<Key>;
}

export class Deadlines<Key extends string> {
  readonly #deadlines = new Map<Key, Deadline<Key>>();
  readonly #heap: Node<Key>[] = [];

  get size(): number {
    return this.#deadlines.size;
  }

  get(key: Key): LeaseTime | undefined {
    return this.#deadlines.get(key)?.at;
  }

  set(key: Key, at: LeaseTime): void {
    const deadline = this.#deadlines.get(key);
    if (deadline && at >= deadline.node.at) {
      deadline.at = at;
      return;
    }
    const node = { key, at };
    this.#deadlines.set(key, { at, node });
    this.#push(node);
    if (this.#heap.length > 2 * this.#deadlines.size + 1000) this.#sweep();
  }

  delete(key: Key): void {
    this.#deadlines.delete(key);
  }

  /** A time that no deadline is before; undefined if there are none. */
  next(): LeaseTime | undefined {
    return this.#heap[0]?.at;
  }

  /** Removes and returns the keys whose deadline is `now` or earlier, in order. */
  takeDue(now: LeaseTime): Key[] {
    const due: Key[] = [];
    for (let node = this.#heap[0]; node !== undefined && node.at <= now; node = this.#heap[0]) {
      this.#pop();
      const deadline = this.#deadlines.get(node.key);
      if (deadline?.node !== node) continue; // deleted, or moved nearer: another node replaced it
      if (deadline.at > node.at) {
        // Even if it is due already: earlier deadlines come first.
        node.at = deadline.at;
        this.#push(node);
      } else {
        this.#deadlines.delete(node.key);
        due.push(node.key);
      }
    }
    return due;
  }

  /** Drops the nodes of deleted deadlines, so that they do not pile up until their time comes. */
  #sweep(): void {
    this.#heap.length = 0;
    for (const { node } of this.#deadlines.values()) this.#push(node);
  }

  #push(node: Node<Key>): void {
    const heap = this.#heap;
    let index = heap.length;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (heap[parent]!.at <= node.at) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = node;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]!.at < heap[child]!.at) child++;
      if (heap[child]!.at >= last.at) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = last;
  }
}
