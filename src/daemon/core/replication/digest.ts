/** A short text that is equal at two daemons if, and only if, they have all documents in the same state. */

import { createHash } from 'node:crypto';
import type { Document, Heads } from '../../../crdt/document.js';
import type { DocumentName } from '../../../crdt/ids.js';

export class Digest {
  /** The contribution of each document to the digest, and the heads that it is of. */
  readonly #hashes = new Map<DocumentName, { heads: Heads; words: Uint32Array }>();
  #text: string | undefined;

  /** A document has changed, was added or removed. */
  outdated(): void {
    this.#text = undefined;
  }

  /** Keeps the hashes of these documents only. */
  retain(names: ReadonlyMap<DocumentName, unknown>): void {
    for (const name of this.#hashes.keys()) if (!names.has(name)) this.#hashes.delete(name);
  }

  /** The exclusive or of one hash per document, so that a change costs one hash rather than one per document. */
  of(documents: ReadonlyMap<DocumentName, Document>): string {
    if (this.#text !== undefined) return this.#text;
    const digest = new Uint32Array(4);
    for (const [name, { heads }] of documents) {
      let hash = this.#hashes.get(name);
      if (hash?.heads !== heads) this.#hashes.set(name, (hash = { heads, words: stateHash(name, heads) }));
      for (let word = 0; word < digest.length; word++) digest[word]! ^= hash.words[word]!;
    }
    return (this.#text = Buffer.from(digest.buffer).toString('base64url'));
  }
}

/** 128 bits for a document at these heads. */
function stateHash(name: DocumentName, heads: Heads): Uint32Array {
  const hash = createHash('sha256').update(`${name}=${heads.join()}`).digest();
  return Uint32Array.from([0, 4, 8, 12], (offset) => hash.readUInt32LE(offset));
}
