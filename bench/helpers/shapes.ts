/** Holdings as bender writes them, in the sizes that a benchmark asks for. */

import { Document, type Heads } from '../../src/crdt/document.js';
import { noMeta, toStored } from '../../src/crdt/entry.js';
import type { LifeId } from '../../src/crdt/ids.js';

/** Numbers in [0, 1) that are the same in every run (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The root key of the registration number `index`: 100 apps, in the order in which a cluster comes up. */
export const keyOf = (index: number): string =>
  `entry/app-${index % 100}/1.${index % 7}.0/10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}/${20_000 + (index % 9)}`;

export function valueOf(random: () => number, rev = 1): string {
  const life = Math.floor(random() * 2 ** 48).toString(36) + Math.floor(random() * 2 ** 48).toString(36);
  return JSON.stringify(
    toStored({ life: life as LifeId, rev, ttl: 4000, meta: noMeta, registered: 1_760_000_000_000 }),
  );
}

/** As much of a document as it takes to write one. */
export interface Writable {
  readonly heads: Heads;
  put(key: string, value: string | undefined): void;
  commit(): unknown;
}

let actors = 0;
export const newActor = (): string => (++actors).toString(16).padStart(32, '0');
export const newDocument = (): Document => new Document(newActor());

/** Writes registrations `from` to `to` - 1, so many of them in one change. */
export function fill(document: Writable, from: number, to: number, perChange: number, random = seeded(1)): void {
  for (let index = from; index < to; index++) {
    document.put(keyOf(index), valueOf(random));
    if ((index + 1) % perChange === 0) document.commit();
  }
  document.commit();
}

/** Registrations that come and go: each key of a document of `size` is taken out or put back in its turn. */
export class Traffic {
  readonly #gone = new Set<number>();
  readonly #random = seeded(7);

  constructor(
    private readonly document: Writable,
    private readonly size: number,
  ) {}

  /** One change of `ops` transitions, committed. */
  change(ops: number): void {
    for (let op = 0; op < ops; op++) {
      const index = Math.floor(this.#random() * this.size);
      if (this.#gone.delete(index)) this.document.put(keyOf(index), valueOf(this.#random));
      else {
        this.#gone.add(index);
        this.document.put(keyOf(index), undefined);
      }
    }
    this.document.commit();
  }
}

/** Merges all that `from` has into `to`, in pieces of 1 MiB. Answers how many bytes that was. */
export function copy(from: Document, to: Document): number {
  let total = 0;
  let piece: Uint8Array[] = [];
  let bytes = 0;
  for (const change of from.changesSince(to.heads)) {
    piece.push(change);
    bytes += change.length;
    if (bytes < 1024 * 1024) continue;
    to.merge(piece);
    total += bytes;
    [piece, bytes] = [[], 0];
  }
  to.merge(piece);
  return total + bytes;
}
