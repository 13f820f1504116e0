/**
 * The signatures that came with the changes of somebody's holdings, so that this daemon can hand them on. A document is
 * a line of changes, so the signature of one vouches for all before it: each message needs that of its last change
 * only.
 */

import type { Change } from '../../../crdt/change-reader.js';
import type { Proof } from '../identity.js';

/** A signature is kept for each that many changes and bytes, and for the last ones: messages begin and end there. */
const changesBetween = 200;
const bytesBetween = 128 * 1024;

export class ChangeProofs {
  readonly #byHash = new Map<string, Proof>();
  /** In their order: which change, its number, and how many bytes there were with it. */
  #kept: { hash: string; seq: number; bytes: number }[] = [];
  #bytes = 0;

  get(hash: string): Proof | undefined {
    return this.#byHash.get(hash);
  }

  /** The last of these changes was signed. */
  add(changes: readonly Change[], proof: Proof): void {
    const { hash, seq } = changes.at(-1)!;
    // A message that arrives again, or late, must not push out the signature of what came after it.
    if (seq <= (this.#kept.at(-1)?.seq ?? 0)) return;
    this.#bytes += changes.reduce((sum, { bytes }) => sum + bytes.length, 0);
    this.#byHash.set(hash, proof);
    this.#kept.push({ hash, seq, bytes: this.#bytes });
    const [before, middle, last] = this.#kept.slice(-3);
    if (!last || last.seq - before!.seq > changesBetween || last.bytes - before!.bytes > bytesBetween) return;
    this.#byHash.delete(middle!.hash);
    this.#kept.splice(-2, 1);
  }
}
