/** `GET /events`: the daemon's event log as server-sent events. */

import type { ServerResponse } from 'node:http';
import type { BenderEvent } from '../../model/events.js';
import type { LoggedEvent } from '../core/event-log.js';
import type { Registry } from '../core/registry.js';
import type { Log } from '../core/runtime.js';
import type { EventFilter } from './event-filter.js';
import type { Stream } from './route.js';

const headers = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  // Tells reverse proxies such as nginx not to hold events back.
  'x-accel-buffering': 'no',
};

export interface EventStreamOptions {
  /** Milliseconds of silence after which a stream gets a comment, so that both sides notice a dead link. */
  idleMs: number;
  /** Bytes that a watcher may be behind, beside what it was sent at its start, before it is cut off. */
  maxBehindBytes: number;
}

export const eventStreamDefaults: EventStreamOptions = { idleMs: 5000, maxBehindBytes: 1024 * 1024 };

/**
 * All open streams. Each starts with a snapshot or resumes where its watcher was, then carries every event
 * that matches, in order, without a gap; one that cannot (its watcher is too slow) ends.
 */
export class EventStreams {
  readonly #open = new Set<EventStream>();
  readonly #idleTimer: NodeJS.Timeout;

  constructor(
    private readonly registry: Pick<Registry, 'events' | 'snapshot' | 'stale'>,
    private readonly log: Log,
    private readonly options = eventStreamDefaults,
  ) {
    this.#idleTimer = setInterval(
      () => this.#open.forEach((stream) => stream.tick()),
      options.idleMs,
    ).unref();
  }

  /** @param resumeFrom  the id of the last event that the watcher has seen */
  open(filter: EventFilter, resumeFrom: string | undefined): Stream {
    return { headers, stream: (response) => this.#start(response, filter, resumeFrom) };
  }

  /** Ends all streams, for good. */
  close(): void {
    clearInterval(this.#idleTimer);
    for (const stream of this.#open) stream.end();
  }

  #start(response: ServerResponse, filter: EventFilter, resumeFrom: string | undefined): void {
    const { events } = this.registry;
    const missed = resumeFrom === undefined ? undefined : events.since(resumeFrom);
    const start = missed
      ? missed.filter(({ event }) => matches(filter, event)).map(formatEvent)
      : [this.#snapshot(filter)];
    const stream = new EventStream(response, `retry: 1000\n\n${start.join('')}`, this.options.maxBehindBytes);
    this.#open.add(stream);
    const unsubscribe = events.subscribe((logged) => {
      if (!matches(filter, logged.event) || stream.send(formatEvent(logged))) return;
      this.log.info({ watcher: response.socket?.remoteAddress }, 'cut off a watcher that reads too slowly');
    });
    response.once('close', () => {
      unsubscribe();
      this.#open.delete(stream);
    });
  }

  #snapshot(filter: EventFilter): string {
    const { registry } = this;
    const snapshot = { ...filter.select(registry.snapshot()), at: Date.now() };
    const event: BenderEvent = registry.stale ? { ...snapshot, stale: true } : snapshot;
    return format(registry.events.lastId, event.type, JSON.stringify(event));
  }
}

/** One watcher's connection. */
class EventStream {
  readonly #maxBehind: number;
  #silent = false;

  constructor(
    private readonly response: ServerResponse,
    start: string,
    maxBehind: number,
  ) {
    this.#maxBehind = Buffer.byteLength(start) + maxBehind;
    response.write(start);
  }

  /** False if that was too much for the watcher, which is cut off then. */
  send(text: string): boolean {
    this.#silent = false;
    this.response.write(text);
    if (this.response.writableLength <= this.#maxBehind) return true;
    this.response.destroy();
    return false;
  }

  /** Fills a silence that has lasted since the last tick. */
  tick(): void {
    if (this.#silent) this.send(': idle\n\n');
    this.#silent = true;
  }

  end(): void {
    this.response.end();
  }
}

const matches = (filter: EventFilter, event: BenderEvent): boolean =>
  event.type !== 'snapshot' && filter.matches(event);

const formatEvent = ({ id, event, json }: LoggedEvent): string => format(id, event.type, json);

const format = (id: string, type: string, json: string): string =>
  `id: ${id}\nevent: ${type}\ndata: ${json}\n\n`;
