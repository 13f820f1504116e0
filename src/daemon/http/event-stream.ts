/** `GET /events`: the daemon's event log as server-sent events. */

import type { ServerResponse } from 'node:http';
import type { BenderEvent, Change } from '../../model/events.js';
import type { LoggedEvent } from '../core/event-log.js';
import type { Registry } from '../core/registry.js';
import type { Log } from '../core/runtime.js';
import { Chunks } from './chunks.js';
import type { EventFilter } from './event-filter.js';
import { FanOut, type Writer } from './fan-out.js';
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
  /** Milliseconds between looks at the daemon's caveats, of which there is no other news. */
  conditionMs: number;
  /** Bytes that a watcher may be behind, beside what it was sent at its start, before it is cut off. */
  maxBehindBytes: number;
}

export const eventStreamDefaults: EventStreamOptions = {
  idleMs: 5000,
  conditionMs: 200,
  maxBehindBytes: 1024 * 1024,
};

/**
 * All open streams. Each starts with a snapshot or resumes where its watcher was, then carries every event
 * that matches, in order, without a gap; one that cannot (its watcher is too slow) ends. What caveats there are
 * stands in the snapshot, or in the condition that follows what was missed, and in a condition once they change.
 */
export class EventStreams {
  readonly #open = new Set<EventStream>();
  readonly #fanOut = new FanOut();
  readonly #idleTimer: NodeJS.Timeout;
  readonly #conditionTimer: NodeJS.Timeout;
  /** As the watchers know them. */
  #caveats: string;
  /** The last event as nearly every watcher is sent it. */
  #last: { logged: LoggedEvent; bytes: Buffer } | undefined;

  constructor(
    private readonly registry: Pick<Registry, 'events' | 'snapshot' | 'caveats'>,
    private readonly log: Log,
    private readonly options = eventStreamDefaults,
  ) {
    this.#idleTimer = setInterval(
      () => this.#open.forEach((stream) => stream.tick()),
      options.idleMs,
    ).unref();
    this.#caveats = JSON.stringify(registry.caveats);
    this.#conditionTimer = setInterval(() => this.#tellCondition(), options.conditionMs).unref();
  }

  /** @param resumeFrom  the id of the last event that the watcher has seen */
  open(filter: EventFilter, resumeFrom: string | undefined): Stream {
    return { headers, stream: (response) => this.#start(response, filter, resumeFrom) };
  }

  /** Ends all streams, for good. */
  close(): void {
    clearInterval(this.#idleTimer);
    clearInterval(this.#conditionTimer);
    for (const stream of this.#open) stream.end();
  }

  #start(response: ServerResponse, filter: EventFilter, resumeFrom: string | undefined): void {
    this.#tellCondition();
    const { events } = this.registry;
    const missed = resumeFrom === undefined ? undefined : events.since(resumeFrom);
    const start = missed
      ? [...missed.flatMap((logged) => textsFor(filter, logged)), this.#condition()]
      : [this.#snapshot(filter)];
    const stream = new EventStream(
      response,
      `retry: 1000\n\n${start.join('')}`,
      this.options.maxBehindBytes,
      this.#fanOut,
      () =>
        this.log.info({ watcher: response.socket?.remoteAddress }, 'cut off a watcher that reads too slowly'),
    );
    this.#open.add(stream);
    const unsubscribe = events.subscribe(
      (logged) => {
        const bytes = this.#bytesFor(filter, logged);
        if (bytes) stream.send(bytes);
      },
      // It has a gap now: the watcher connects again and resumes before it.
      () => response.destroy(),
    );
    response.once('close', () => {
      unsubscribe();
      this.#open.delete(stream);
    });
  }

  /** Made once for all watchers who see the event as it is. */
  #bytesFor(filter: EventFilter, logged: LoggedEvent): Buffer | undefined {
    const seen = seenBy(filter, logged);
    if (seen === undefined) return undefined;
    if (seen !== logged.event) return Buffer.from(textOf(seen, logged));
    if (this.#last?.logged !== logged) this.#last = { logged, bytes: Buffer.from(textOf(seen, logged)) };
    return this.#last.bytes;
  }

  #snapshot(filter: EventFilter): string {
    const { registry } = this;
    return this.#now({ ...filter.select(registry.snapshot()), at: Date.now(), ...registry.caveats });
  }

  #condition(): string {
    return this.#now({ type: 'condition', at: Date.now(), ...this.registry.caveats });
  }

  /** An event that is no part of the log: it bears the id of the last one that is. */
  #now(event: BenderEvent): string {
    return format(this.registry.events.lastId, event.type, JSON.stringify(event));
  }

  #tellCondition(): void {
    const caveats = JSON.stringify(this.registry.caveats);
    if (caveats === this.#caveats) return;
    this.#caveats = caveats;
    const condition = Buffer.from(this.#condition());
    for (const stream of this.#open) stream.send(condition);
  }
}

/** One watcher's connection. */
class EventStream implements Writer {
  readonly #maxBehind: number;
  readonly #waiting: Buffer[] = [];
  #silent = false;

  constructor(
    private readonly response: ServerResponse,
    start: string,
    maxBehind: number,
    private readonly fanOut: FanOut,
    private readonly onCutOff: () => void,
  ) {
    this.#maxBehind = Buffer.byteLength(start) + maxBehind;
    response.write(start);
  }

  send(bytes: Buffer): void {
    this.#silent = false;
    if (this.#waiting.push(bytes) === 1) this.fanOut.add(this);
  }

  /** Fills a silence that has lasted since the last tick. */
  tick(): void {
    if (this.#silent) this.send(idle);
    this.#silent = true;
  }

  end(): void {
    this.flush(new Chunks());
    this.response.end();
  }

  /** Cuts the watcher off if that is too much for it. */
  flush(chunks: Chunks): void {
    const parts = this.#waiting.splice(0);
    if (parts.length === 0 || this.response.destroyed) return;
    chunks.write(this.response, parts);
    if (this.response.writableLength <= this.#maxBehind) return;
    this.response.destroy();
    this.onCutOff();
  }
}

const idle = Buffer.from(': idle\n\n');

/** An event of the log as a watcher with this filter is to see it; undefined where it is not. */
const seenBy = (filter: EventFilter, { event }: LoggedEvent): Change | undefined =>
  event.type === 'snapshot' || event.type === 'condition' ? undefined : filter.pass(event);

const textOf = (seen: Change, { id, event, json }: LoggedEvent): string =>
  format(id, seen.type, seen === event ? json : JSON.stringify(seen));

function textsFor(filter: EventFilter, logged: LoggedEvent): string[] {
  const seen = seenBy(filter, logged);
  return seen ? [textOf(seen, logged)] : [];
}

const format = (id: string, type: string, json: string): string =>
  `id: ${id}\nevent: ${type}\ndata: ${json}\n\n`;
