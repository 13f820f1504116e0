/**
 * The ordered stream of the changes of one daemon's view. The last ones are kept, for watchers that resume. Ids are
 * `RUNID:N`: a position in the stream of one run, meaningless to any other.
 */

import type { WallTime } from '../../../crdt/clocks.js';
import type { RunId } from '../../../crdt/ids.js';
import { Transition } from '../../../crdt/transition.js';
import type { BenderEvent, Caveats, Change } from '../../../model/events.js';
import type { Log } from '../log.js';
import type { Tally } from '../tally.js';

/**
 * One event with its position. The event and its JSON are made on demand, once for all watchers: without a watcher an
 * event costs next to nothing, and a kept one takes half the memory of its JSON.
 */
export class LoggedEvent {
  #event: BenderEvent | undefined;
  #json: string | undefined;

  constructor(
    private readonly runId: RunId,
    private readonly position: number,
    private readonly what: Change | Transition,
    /** Unix ms. */
    private readonly at: WallTime,
    private readonly caveats: Caveats,
  ) {}

  get id(): string {
    return `${this.runId}:${this.position}`;
  }

  get event(): BenderEvent {
    return (this.#event ??= this.#make());
  }

  #make(): BenderEvent {
    const { what, at, caveats } = this;
    return { ...(what instanceof Transition ? what.toEvent() : what), at, ...caveats };
  }

  get json(): string {
    return (this.#json ??= JSON.stringify(this.event));
  }

  /** A copy that may make and keep the event and its JSON, so that the kept one does not. */
  copy(): LoggedEvent {
    return new LoggedEvent(this.runId, this.position, this.what, this.at, this.caveats);
  }
}

export type Listener = (event: LoggedEvent) => void;

export class EventLog {
  readonly #kept: LoggedEvent[] = [];
  /** Each with the callback for its failure. */
  readonly #listeners = new Map<Listener, () => void>();
  #position = 0;

  /**
   * @param runId  the first part of the ids of this stream
   * @param wallNow  Unix ms, for the `at` of events
   * @param log  for listeners that fail
   * @param capacity  how many events are kept; a watcher that was away for longer takes a snapshot
   */
  constructor(
    readonly runId: RunId,
    private readonly wallNow: () => WallTime,
    private readonly log: Pick<Log, 'error'>,
    private readonly capacity = 10_000,
    private readonly tally?: Pick<Tally, 'changed'>,
  ) {}

  /** The id of the newest event: a snapshot that is taken now continues after it. */
  get lastId(): string {
    return `${this.runId}:${this.#position}`;
  }

  append(what: Change | Transition, caveats: Caveats = {}): void {
    if (what instanceof Transition) this.tally?.changed(what.type, what.reason);
    const logged = new LoggedEvent(this.runId, ++this.#position, what, this.wallNow(), caveats);
    this.#kept.push(logged);
    // Cut in slices, since removing the first element of a long array copies the rest.
    if (this.#kept.length >= 1.1 * this.capacity) this.#kept.splice(0, this.#kept.length - this.capacity);
    if (this.#listeners.size === 0) return;
    const shared = logged.copy();
    for (const listener of this.#listeners.keys()) this.#tell(listener, shared);
  }

  /** The position of the newest event. */
  get position(): number {
    return this.#position;
  }

  /** The position in this log that an id names, if the events after it are still kept; else undefined. */
  positionOf(id: string): number | undefined {
    const match = /^(.+):(\d+)$/.exec(id);
    if (match?.[1] !== this.runId) return undefined;
    const position = Number(match[2]);
    return position <= this.#position && this.#position - position <= this.#kept.length ? position : undefined;
  }

  /** The event at a position; undefined if it is no longer kept. */
  at(position: number): LoggedEvent | undefined {
    return this.#kept[this.#kept.length - 1 - (this.#position - position)]?.copy();
  }

  /** The events after `id`; undefined if they are unknown (another run, or too long ago). */
  since(id: string): LoggedEvent[] | undefined {
    const position = this.positionOf(id);
    if (position === undefined) return undefined;
    return this.#kept.slice(this.#kept.length - (this.#position - position)).map((logged) => logged.copy());
  }

  /**
   * Calls `listener` for every event from now on, until the returned function is called. A listener that throws has
   * missed an event, and is no longer called: `onFailed` has to make its watcher start again. Other listeners are not
   * affected.
   */
  subscribe(listener: Listener, onFailed = (): void => {}): () => void {
    this.#listeners.set(listener, onFailed);
    return () => this.#listeners.delete(listener);
  }

  #tell(listener: Listener, logged: LoggedEvent): void {
    try {
      listener(logged);
    } catch (error) {
      const onFailed = this.#listeners.get(listener);
      this.#listeners.delete(listener);
      this.log.error({ event: logged.id, err: error }, 'a watcher failed on an event and is cut off');
      onFailed?.();
    }
  }

  get watchers(): number {
    return this.#listeners.size;
  }
}
