/**
 * The signatures that came with the changes of another daemon's holdings, so that this daemon can relay them. A
 * document is a chain of changes, so the signature of one covers all before it: a message needs only that of its last
 * change.
 */

import type { Change } from '../../../crdt/change-reader.js';
import type { Proof } from '../identity.js';

/** One signature is kept per so many changes or bytes, and those of the last changes: messages begin and end there. */
const changesBetween = 200;
const bytesBetween = 128 * 1024;

export class ChangeProofs {
  readonly #byHash = new Map<string, Proof>();
  /** In order: the change, its number, and the bytes up to it. */
  #kept: { hash: string; seq: number; bytes: number }[] = [];
  #bytes = 0;

  get(hash: string): Proof | undefined {
    return this.#byHash.get(hash);
  }

  /** Keeps the proof, which signs the last of these changes. */
  add(changes: readonly Change[], proof: Proof): void {
    const { hash, seq } = changes.at(-1)!;
    // A message that arrives again, or late, must not push out the signatures of later changes.
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
