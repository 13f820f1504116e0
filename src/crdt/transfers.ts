/**
 * Documents that are sent in pieces, since a peer lacks more than one message of them. Reading the history again for
 * each piece would take longer than sending the piece.
 */

import { hashOf } from './change-reader.js';
import { type Document, type Heads, sameHeads } from './document.js';
import type { DocumentName } from './ids.js';

/** A document that is sent in pieces. */
export interface Transfer {
  /** The peer's heads when the last piece was sent. */
  theirs: Heads;
  /** Our heads, to which `changes` lead. */
  ours: Heads;
  /** The changes of the last piece, and all that follow. */
  changes: Uint8Array[];
  /** How many changes the last piece had, at least one. */
  sent: number;
}

export class Transfers {
  readonly #byName = new Map<DocumentName, Transfer>();

  /** A piece of the document is sent, and more will follow. */
  begin(name: DocumentName, transfer: Transfer): void {
    this.#byName.set(name, transfer);
  }

  /**
   * Ends the transfer of a document and returns what the peer still lacks. Undefined if there was no transfer, or if
   * the peer's heads do not tell how far it has come.
   */
  take(name: DocumentName, document: Document, theirs: Heads | undefined): Uint8Array[] | undefined {
    const transfer = this.#byName.get(name);
    this.#byName.delete(name);
    if (!transfer || !theirs) return undefined;
    const { changes, sent, ours } = transfer;
    // No change follows the last one of the piece, so it is one of the peer's heads when the peer has the whole piece.
    const hasArrived = theirs.includes(hashOf(changes[sent - 1]!));
    if (!hasArrived && !sameHeads(theirs, transfer.theirs)) return undefined;
    if (hasArrived) changes.splice(0, sent);
    return sameHeads(ours, document.heads) ? changes : [...changes, ...document.changesSince(ours)];
  }

  /** The documents that are being sent in pieces. */
  keys(): Iterable<DocumentName> {
    return this.#byName.keys();
  }

  delete(name: DocumentName): void {
    this.#byName.delete(name);
  }

  clear(): void {
    this.#byName.clear();
  }
}
