/**
 * This daemon's copy of the catalog, of which every daemon has one. If Automerge fails on it, or what a peer sent leads
 * nowhere, its content goes on in a document that nothing has happened to.
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

  /** Begins with the catalog of an earlier time. Throws what Automerge throws on bytes that are no catalog. */
  load(saved: Uint8Array): void {
    this.current.load(saved);
  }

  /** Everything that it has goes on in another document, of which peers are to be told. */
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
    // Also what was written when the document had failed already.
    this.current.restore(before);
  }
}
