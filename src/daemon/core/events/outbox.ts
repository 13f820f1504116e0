/**
 * Collects the events for watchers, for the end of a turn: those of daemons and the catalog as they happen, those of
 * registrations as the difference of the view.
 */

import type { CatalogEvent } from '../../../crdt/catalog.js';
import type { View } from '../../../crdt/view.js';
import type { Caveats, DaemonEvent } from '../../../model/events.js';
import type { FreshInstances } from '../view/fresh-instances.js';
import type { EventLog } from './event-log.js';

export class Outbox {
  readonly #queued: (DaemonEvent | CatalogEvent)[] = [];

  constructor(
    private readonly view: View,
    private readonly events: EventLog,
    private readonly fresh: Pick<FreshInstances, 'see'>,
  ) {}

  /** Queues an event until the end of the turn or, while this daemon joins, until it has joined. */
  emit(event: DaemonEvent | CatalogEvent): void {
    this.#queued.push(event);
  }

  /**
   * Logs everything that has changed since the last call, each change once.
   * @param caveats  the marks of the events; undefined while peers know more than this daemon: then nothing is logged
   */
  publish(caveats: () => Caveats | undefined): void {
    const changes = [...this.#queued.splice(0), ...this.view.flush()];
    const said = changes.length > 0 ? caveats() : undefined;
    if (!said) return;
    // What comes online while this daemon is warming may have been online before.
    if (!said.warming) this.fresh.see(changes);
    for (const change of changes) this.events.append(change, said);
  }

  /** Drops all changes so far: watchers get them in a snapshot. */
  discard(): void {
    this.publish(() => undefined);
  }
}
