/**
 * This daemon's replica of the catalog. If Automerge fails on it, or a peer's changes cannot be completed, its content
 * moves to a new document.
 */

import { Catalog, type CatalogEvent, catalogName } from '../../../crdt/catalog.js';
import type { Change } from '../../../crdt/change-reader.js';
import type { Document } from '../../../crdt/document.js';
import type { Log } from '../log.js';

export class CatalogReplica {
  current: Catalog;

  constructor(
    private readonly newDocument: () => Document,
    private readonly log: Pick<Log, 'warn'>,
  ) {
    this.current = new Catalog(newDocument());
  }

  merge(changes: readonly Change[]): CatalogEvent[] {
    const { events, misfit } = this.current.merge(changes);
    if (misfit !== undefined)
      this.log.warn({ document: catalogName, reason: misfit }, 'left out a change that does not fit');
    return events;
  }

  /** Loads a saved catalog. Throws what Automerge throws on bytes that are no catalog. */
  load(saved: Uint8Array): void {
    this.current.load(saved);
  }

  /** Moves the content to a new document, which peers have to be sent. */
  renew(): void {
    const before = this.current;
    const history = before.document.salvage();
    before.document.free();
    this.current = new Catalog(this.newDocument());
    const isRead = history !== undefined && this.current.mergeHistory(history);
    if (!isRead) {
      this.log.warn({}, "the catalog's history is lost here, and fetched from peers");
      this.current = new Catalog(this.newDocument());
    }
    // Including what was written after the document had failed.
    this.current.restore(before);
  }
}
