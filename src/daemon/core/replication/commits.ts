/** What was written here becomes one change of each document, and leaves for the peers. */

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

  /** Whether something was written that is not committed. */
  get due(): boolean {
    return this.documents.catalog.dirty || this.self().published?.holder.own.dirty === true;
  }

  /** Commits and pushes everything that was written. */
  commit(): void {
    const { published } = this.self();
    const changed = published?.holder.own.commit() === true ? this.#ownNames() : [];
    // The catalog is committed as it is written, with who has written it.
    if (this.documents.catalog.dirty) changed.push(catalogName);
    this.documents.catalog.dirty = false;
    if (changed.length > 0) this.documents.committed();
    for (const name of changed) this.relay.push(name);
  }

  /** Under which names the own holdings are written: two while the next epoch is on its way. */
  #ownNames(): DocumentName[] {
    const { runId, published } = this.self();
    const { epoch, offered } = published!.holder.own;
    return [epoch, ...(offered ? [offered.epoch] : [])].map((each) => holdingsName(runId, each));
  }
}
