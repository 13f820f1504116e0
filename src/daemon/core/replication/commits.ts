/** Commits what was written here, as one change per document, and pushes it to the peers. */

import { catalogName } from '../../../crdt/catalog.js';
import { holdingsName } from '../../../crdt/holdings.js';
import type { DocumentName } from '../../../crdt/ids.js';
import type { Self } from '../self.js';
import type { DocumentStore } from './document-store.js';
import type { Relay } from './relay.js';

export class Commits {
  constructor(
    private readonly documents: DocumentStore,
    private readonly relay: Relay,
    private readonly self: () => Self,
  ) {}

  /** Whether there are writes that are not committed. */
  get due(): boolean {
    return this.documents.catalog.dirty || this.self().published?.holder.own.dirty === true;
  }

  /** Commits and pushes all writes. */
  commit(): void {
    const { published } = this.self();
    const changed = published?.holder.own.commit() === true ? this.#ownNames() : [];
    // The catalog is committed at each write, with its author.
    if (this.documents.catalog.dirty) changed.push(catalogName);
    this.documents.catalog.dirty = false;
    if (changed.length > 0) this.documents.committed();
    for (const name of changed) this.relay.push(name);
  }

  /** The names of the own holdings: two while the next epoch is being delivered. */
  #ownNames(): DocumentName[] {
    const { runId, published } = this.self();
    const { epoch, offered } = published!.holder.own;
    return [epoch, ...(offered ? [offered.epoch] : [])].map((each) => holdingsName(runId, each));
  }
}
