/** Encodes the events of the log, once for all watchers that get them unchanged. */

import type { Change } from '../../model/events.js';
import type { EventLog, LoggedEvent } from '../core/events/event-log.js';
import type { EventFilter } from './event-filter.js';
import { formatEvent } from './event-format.js';

/** How many encoded events are kept: enough for watchers that are nearly up to date. */
const keptMost = 1000;

/** Bytes that are handed over at a time. */
const batchBytes = 64 * 1024;
/** Events that are looked at for one batch: they cost some milliseconds, also if a filter lets few of them through. */
const batchEvents = 100;

export interface Batch {
  parts: Buffer[];
  /** Of the last event that was looked at. */
  position: number;
}

export class EncodedEvents {
  readonly #recent = new Map<number, { logged: LoggedEvent; bytes: Buffer | undefined }>();

  constructor(private readonly events: EventLog) {}

  /** The events after `position`, through `filter`; undefined if some are no longer kept. */
  after(position: number, filter: EventFilter): Batch | undefined {
    const parts: Buffer[] = [];
    const last = Math.min(this.events.position, position + batchEvents);
    for (let size = 0; position < last && size < batchBytes;) {
      const bytes = this.#bytesFor(position + 1, filter);
      if (bytes === 'lost') return undefined;
      position++;
      if (!bytes) continue;
      parts.push(bytes);
      size += bytes.length;
    }
    return { parts, position };
  }

  #bytesFor(position: number, filter: EventFilter): Buffer | 'lost' | undefined {
    const recent = this.#recent.get(position) ?? this.#fetch(position);
    if (!recent) return 'lost';
    const { logged } = recent;
    const { event } = logged;
    const seen = event.type === 'snapshot' || event.type === 'condition' ? undefined : filter.pass(event);
    if (seen === undefined) return undefined;
    if (seen !== event) return Buffer.from(textOf(seen, logged));
    return (recent.bytes ??= Buffer.from(textOf(seen, logged)));
  }

  #fetch(position: number): { logged: LoggedEvent; bytes: Buffer | undefined } | undefined {
    const logged = this.events.at(position);
    if (!logged) return undefined;
    const recent = { logged, bytes: undefined };
    this.#recent.set(position, recent);
    if (this.#recent.size > keptMost)
      for (const oldest of this.#recent.keys()) {
        this.#recent.delete(oldest);
        break;
      }
    return recent;
  }
}

const textOf = (seen: Change, { id, event, json }: LoggedEvent): string =>
  formatEvent(id, seen.type, seen === event ? json : JSON.stringify(seen));
