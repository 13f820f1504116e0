/** `GET /events`: the daemon's event log as server-sent events. */

import type { ServerResponse } from 'node:http';
import { OverloadedError } from '../../model/errors.js';
import type { BenderEvent } from '../../model/events.js';
import type { Registry } from '../core/registry.js';
import type { Log } from '../core/log.js';
import { Chunks } from './chunks.js';
import { EncodedEvents } from './encoded-events.js';
import type { EventFilter } from './event-filter.js';
import { formatEvent } from './event-format.js';
import { EventStream } from './event-stream.js';
import { FanOut, type Writer } from './fan-out.js';
import type { Listings } from './listings.js';
import type { LoadCounters } from './load-counters.js';
import type { Stream } from './route.js';
import { Snapshots, type TakenSnapshot } from './snapshots.js';
import type { UnreadAnswers } from './unread-answers.js';
import type { Watchers } from './watchers.js';

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
  /** Milliseconds for which a watcher may take no data before it is cut off. */
  stuckMs: number;
}

export const eventStreamDefaults: EventStreamOptions = { idleMs: 5000, conditionMs: 200, stuckMs: 15_000 };

/** ms for which watchers are written to in a row. */
const flushMs = 10;

/** The request of a watcher. */
export interface Watch {
  filter: EventFilter;
  /** The id of the last event that the watcher has seen. */
  resumeFrom: string | undefined;
  /** Where it is. */
  address: string;
}

export interface EventStreamContext {
  listings: Listings;
  counters: LoadCounters;
  unread: UnreadAnswers;
  watchers: Watchers;
}

/**
 * All open streams. Each starts with a snapshot or resumes where its watcher was, then carries every event
 * that matches, in order, without a gap; one that cannot (its watcher is too slow) ends. The caveats stand in the
 * snapshot, or in the condition that follows what was missed, and in a condition once they change.
 */
export class EventStreams {
  readonly #open = new Set<EventStream>();
  readonly #fanOut = new FanOut();
  readonly #encoded: EncodedEvents;
  readonly #snapshots: Snapshots;
  readonly #timers: NodeJS.Timeout[];
  readonly #unsubscribe: () => void;
  /** As the watchers know them. */
  #caveats: string;
  /** Those to write to, first come first served. */
  readonly #due = new Set<EventStream>();
  #isFlushing = false;
  readonly #writer: Writer = {
    flush: (chunks) => {
      this.#isFlushing = false;
      this.#flushNow(flushMs, chunks);
    },
  };

  constructor(
    private readonly registry: Pick<Registry, 'events' | 'snapshotRest' | 'caveats'>,
    private readonly log: Log,
    private readonly context: EventStreamContext,
    private readonly options = eventStreamDefaults,
  ) {
    this.#encoded = new EncodedEvents(registry.events);
    this.#snapshots = new Snapshots(registry, context.listings);
    this.#caveats = JSON.stringify(registry.caveats);
    this.#timers = [
      setInterval(() => this.#tick(), options.idleMs).unref(),
      setInterval(() => this.#tellCondition(), options.conditionMs).unref(),
    ];
    this.#unsubscribe = registry.events.subscribe(() => this.#open.size > 0 && this.#flushAll());
  }

  /** Throws {@link OverloadedError} if there are too many watchers already. */
  open({ filter, resumeFrom, address }: Watch): Stream {
    this.context.watchers.admit(address);
    const position = resumeFrom === undefined ? undefined : this.registry.events.positionOf(resumeFrom);
    return {
      headers,
      stream: (response) => {
        const stream = this.#start(response, filter, address);
        if (position === undefined) this.#beginWithSnapshot(stream, filter);
        else this.#resume(stream, position);
      },
    };
  }

  /** Ends all streams, for good. */
  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#unsubscribe();
    for (const stream of this.#open) this.#due.add(stream);
    this.#flushNow(flushMs);
    for (const stream of this.#open) stream.end();
  }

  #start(response: ServerResponse, filter: EventFilter, address: string): EventStream {
    this.#tellCondition();
    const wake = (): void => this.#flushSoon(stream);
    const stream = new EventStream(response, filter, this.#encoded, wake, () => performance.now());
    this.context.watchers.enter(address);
    this.#open.add(stream);
    response.once('close', () => {
      this.#open.delete(stream);
      this.#due.delete(stream);
      this.context.watchers.leave(address);
    });
    return stream;
  }

  #resume(stream: EventStream, position: number): void {
    stream.begin(position, undefined);
    stream.tell(this.#condition(), this.registry.events.position);
    this.#flushSoon(stream);
  }

  #beginWithSnapshot(stream: EventStream, filter: EventFilter): void {
    const begin = ({ content, position }: TakenSnapshot): void => {
      this.context.unread.keep(content, stream.response);
      stream.begin(position, content.data as Buffer);
      this.#flushSoon(stream);
    };
    const fail = (error: unknown): void => {
      if (!(error instanceof OverloadedError)) this.log.error({ err: error }, 'a snapshot failed');
      stream.response.destroy();
    };
    const taken = this.#snapshots.take(filter);
    if (taken instanceof Promise) taken.then(begin).catch(fail);
    else begin(taken);
  }

  #condition(): Buffer {
    const { events, caveats } = this.registry;
    const event: BenderEvent = { type: 'condition', at: Date.now(), ...caveats };
    return Buffer.from(formatEvent(events.lastId, event.type, JSON.stringify(event)));
  }

  #tellCondition(): void {
    const caveats = JSON.stringify(this.registry.caveats);
    if (caveats === this.#caveats) return;
    this.#caveats = caveats;
    const condition = this.#condition();
    for (const stream of this.#open) stream.tell(condition, this.registry.events.position);
    this.#flushAll();
  }

  #tick(): void {
    const chunks = new Chunks();
    for (const stream of this.#open) {
      if (stream.stuckForMs > this.options.stuckMs) this.#cutOff(stream);
      else stream.tick(chunks);
    }
  }

  #cutOff({ response }: EventStream): void {
    const address = response.req.socket.remoteAddress;
    this.context.counters.count('slowWatcher', address);
    response.destroy();
  }

  #flushAll(): void {
    for (const stream of this.#open) this.#due.add(stream);
    this.#schedule();
  }

  #flushSoon(stream: EventStream): void {
    this.#due.add(stream);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    this.#fanOut.add(this.#writer);
  }

  /** Writes to the watchers that are due, for so many ms, and to the others soon. */
  #flushNow(forMs: number, chunks = new Chunks()): void {
    const untilMs = performance.now() + forMs;
    // One that is far behind comes up again and again.
    for (const stream of this.#due) {
      this.#due.delete(stream);
      this.#flush(stream, chunks, untilMs);
      if (performance.now() >= untilMs) break;
    }
    if (this.#due.size > 0) this.#schedule();
  }

  /** A watcher that cannot be told of an event has a gap: it connects again and resumes before it. */
  #flush(stream: EventStream, chunks: Chunks, untilMs: number): void {
    try {
      const left = stream.flush(chunks, untilMs);
      if (left === 'more') this.#due.add(stream);
      else if (left === 'lost') this.#cutOff(stream);
    } catch (error) {
      this.log.error({ err: error }, 'a watcher failed on an event and is cut off');
      stream.response.destroy();
    }
  }
}
