/** The snapshots with which event streams begin: one for all watchers with the same filter, while nothing changes. */

import type { Registry } from '../core/registry.js';
import { Content } from './content.js';
import type { EventFilter } from './event-filter.js';
import { bytesOf } from './contents.js';
import { eventFrame } from './event-format.js';
import type { Listings } from './listings.js';
import { inSlices, type Sliced } from './slices.js';

/** Snapshots of the present state that are kept: watchers hardly ever use more filters than that at a time. */
const keptMost = 8;

export interface TakenSnapshot {
  /** Of the last event that it contains. */
  position: number;
  content: Content;
}

type Source = Pick<Registry, 'events' | 'caveats' | 'snapshotRest'>;

export class Snapshots {
  /** Those of the present state, by filter. */
  readonly #taken = new Map<string, TakenSnapshot | Promise<TakenSnapshot>>();
  #state = '';

  constructor(
    private readonly registry: Source,
    private readonly listings: Pick<Listings, 'fragmentsOf'>,
  ) {}

  take(filter: EventFilter): TakenSnapshot | Promise<TakenSnapshot> {
    const { events, caveats } = this.registry;
    const state = `${events.lastId} ${JSON.stringify(caveats)}`;
    if (state !== this.#state) this.#taken.clear();
    this.#state = state;
    const { key } = filter;
    const known = this.#taken.get(key);
    if (known) return known;
    for (const oldest of this.#taken.keys()) {
      if (this.#taken.size < keptMost) break;
      this.#taken.delete(oldest);
    }
    const taken = inSlices(this.#make(filter));
    this.#taken.set(key, taken);
    if (taken instanceof Promise) taken.catch(() => this.#taken.delete(key));
    return taken;
  }

  /** Everything is read before the first pause, so that it is of one moment. */
  *#make(filter: EventFilter): Sliced<TakenSnapshot> {
    const { registry } = this;
    const { position, lastId } = registry.events;
    const [rest, caveats, at] = [registry.snapshotRest(), registry.caveats, Date.now()];
    const fragments = filter.wantsRegistrations
      ? this.listings.fragmentsOf({ ...(filter.app !== undefined && { app: filter.app }) }, filter.selects)
      : undefined;
    const { pieces } = fragments ? yield* fragments : { pieces: [] };
    yield;
    const { registrations: _, ...others } = filter.select({ ...rest, registrations: [] });
    const { type, ...after } = others;
    const tail = JSON.stringify({ ...after, at, ...caveats }).slice(1);
    const [head, end] = eventFrame(lastId, type);
    const before = `${head}{"type":${JSON.stringify(type)},"registrations":[`;
    return { position, content: new Content(yield* bytesOf(before, pieces, `],${tail}${end}`)) };
  }
}
