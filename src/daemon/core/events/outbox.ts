/**
 * What is to be told to watchers at the end of a turn: daemons and the catalog as it happens, registrations as they
 * differ.
 */

import type { CatalogEvent } from '../../../crdt/catalog.js';
import type { View } from '../../../crdt/view.js';
import type { Caveats, DaemonEvent } from '../../../model/events.js';
import type { EventLog } from './event-log.js';

export class Outbox {
  readonly #queued: (DaemonEvent | CatalogEvent)[] = [];

  constructor(
    private readonly view: View,
    private readonly events: EventLog,
  ) {}

  /** To be told at the end of the turn or, while this daemon joins, when it has joined. */
  emit(event: DaemonEvent | CatalogEvent): void {
    this.#queued.push(event);
  }

  /**
   * Tells everything that is different since the last time, each thing once.
   * @param caveats  what watchers have to know of it; undefined while there are peers that know more: then it is no
   * news
   */
  publish(caveats: () => Caveats | undefined): void {
    const changes = [...this.#queued.splice(0), ...this.view.flush()];
    const said = changes.length > 0 ? caveats() : undefined;
    if (said) for (const change of changes) this.events.append(change, said);
  }

  /** What is so now is a snapshot to those who ask, and no news. */
  discard(): void {
    this.publish(() => undefined);
  }
}
