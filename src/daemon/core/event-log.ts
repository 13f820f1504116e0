/**
 * The ordered stream of one daemon's view changes, with a bounded memory of the last ones.
 * Ids are `RUNID:N`: a position in the stream of one run, meaningless to any other.
 */

import type { BenderEvent, Caveats, Change } from '../../model/events.js';

/** One event with its position; serialised once, however many watchers there are. */
export class LoggedEvent {
  #event: BenderEvent | undefined;

  constructor(
    readonly id: string,
    readonly json: string,
    event?: BenderEvent,
  ) {
    this.#event = event;
  }

  get event(): BenderEvent {
    return (this.#event ??= JSON.parse(this.json) as BenderEvent);
  }
}

export type Listener = (event: LoggedEvent) => void;

export class EventLog {
  /** As JSON: less than half of what the objects take, and few are ever asked for again. */
  readonly #kept: string[] = [];
  readonly #listeners = new Set<Listener>();
  #position = 0;

  /**
   * @param runId  what the ids of this stream begin with
   * @param wallNow  Unix ms, for the `at` of events
   * @param capacity  events kept for those who resume; a watcher that was away for longer takes a snapshot
   */
  constructor(
    readonly runId: string,
    private readonly wallNow: () => number,
    private readonly capacity = 10_000,
  ) {}

  /** The id of the newest event: from here on a snapshot taken now is continued. */
  get lastId(): string {
    return `${this.runId}:${this.#position}`;
  }

  append(change: Change, caveats: Caveats = {}): void {
    this.#position++;
    const event: BenderEvent = { ...change, at: this.wallNow(), ...caveats };
    const logged = new LoggedEvent(this.lastId, JSON.stringify(event), event);
    this.#kept.push(logged.json);
    // Cut in slices, since dropping one from the front of a long array at every event copies it.
    if (this.#kept.length >= 1.1 * this.capacity) this.#kept.splice(0, this.#kept.length - this.capacity);
    for (const listener of this.#listeners) listener(logged);
  }

  /** The events after `id`; undefined where this log cannot say (another run, or too long ago). */
  since(id: string): LoggedEvent[] | undefined {
    const match = /^(.+):(\d+)$/.exec(id);
    if (match?.[1] !== this.runId) return undefined;
    const missed = this.#position - Number(match[2]);
    if (missed < 0 || missed > this.#kept.length) return undefined;
    const first = this.#position - missed + 1;
    return this.#kept
      .slice(this.#kept.length - missed)
      .map((json, index) => new LoggedEvent(`${this.runId}:${first + index}`, json));
  }

  /** Calls `listener` for every event from now on, until the returned function is called. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get watchers(): number {
    return this.#listeners.size;
  }
}
