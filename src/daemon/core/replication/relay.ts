/**
 * Pushes changes over the links: those that were written here and, beyond a full mesh, those that peers have brought.
 */

import type { DocumentName } from '../../../crdt/ids.js';
import type { Membership } from '../membership/membership.js';
import type { Deliveries } from './deliveries.js';
import type { DocumentStore } from './document-store.js';
import type { Join } from './join.js';
import type { LinkTable } from './link-table.js';
import { meshLimit } from './overlay.js';

export class Relay {
  /** Whether this turn has had an exchange with a peer. */
  #exchanged = false;

  constructor(
    private readonly documents: Pick<DocumentStore, 'takeMerged'>,
    private readonly membership: Pick<Membership, 'live'>,
    private readonly links: LinkTable,
    private readonly deliveries: Deliveries,
    private readonly join: Join,
  ) {}

  /** An exchange with a peer has taken place. */
  exchanged(): void {
    this.#exchanged = true;
  }

  /** Pushes this document to the peers. */
  push(name: DocumentName): void {
    for (const link of this.links.members()) link.changed(name);
  }

  /**
   * After a turn with an exchange: pushes what was merged, if there are too many daemons for its owner to reach them
   * all, and checks the pending deliveries. In a full mesh the next digest finds the daemons that the owner could not
   * reach.
   */
  relay(): void {
    if (!this.#exchanged) return;
    this.#exchanged = false;
    const merged = this.documents.takeMerged();
    if (merged.size > 0) this.join.progressed();
    if (this.membership.live().length > meshLimit) for (const name of merged) this.push(name);
    this.deliveries.look();
  }
}
