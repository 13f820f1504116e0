/**
 * A long text that grows piece by piece: each piece is turned into bytes, and counted in the digest, when it is there.
 * At the end of a list of thousands nothing is left to do but to copy bytes.
 */

import { createHash } from 'node:crypto';
import type { Made } from '../../http/contents.js';
import { Content } from '../../http/content.js';
import type { Around } from './format.js';

/** Characters of a piece. */
const pieceSize = 64 * 1024;

export class Written {
  readonly #pieces: Buffer[] = [];
  readonly #hash = createHash('sha1');
  #text = '';

  add(text: string): void {
    this.#text += text;
    if (this.#text.length >= pieceSize) this.#endPiece();
  }

  /** All of it. Nothing can be added after this. */
  within([ahead, behind]: Around): Made {
    this.#endPiece();
    const body = Buffer.concat([Buffer.from(ahead), ...this.#pieces, Buffer.from(behind)]);
    return { body: new Content(body), etag: `"${this.#hash.update(ahead).digest('base64url')}"` };
  }

  #endPiece(): void {
    const piece = Buffer.from(this.#text);
    this.#text = '';
    this.#hash.update(piece);
    this.#pieces.push(piece);
  }
}
