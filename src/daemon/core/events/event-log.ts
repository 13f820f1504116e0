/**
 * The ordered stream of one daemon's view changes, with a bounded memory of the last ones.
 * Ids are `RUNID:N`: a position in the stream of one run, meaningless to any other.
 */

import type { WallTime } from '../../../crdt/clocks.js';
import type { RunId } from '../../../crdt/ids.js';
import { Transition } from '../../../crdt/transition.js';
import type { BenderEvent, Caveats, Change } from '../../../model/events.js';
import type { Log } from '../log.js';

/**
 * One event with its position. It is made, and put into JSON, when somebody wants it, once for all who want it then:
 * while nobody watches it costs next to nothing, and kept ones take half of what their JSON would.
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
    const { what, at, caveats } = this;
    const change = what instanceof Transition ? what.toEvent() : what;
    return (this.#event ??= { ...change, at, ...caveats });
  }

  get json(): string {
    return (this.#json ??= JSON.stringify(this.event));
  }

  /** The same for others, to make it from and then to let go of: what is kept keeps nothing that was made. */
  copy(): LoggedEvent {
    return new LoggedEvent(this.runId, this.position, this.what, this.at, this.caveats);
  }
}

export type Listener = (event: LoggedEvent) => void;

export class EventLog {
  readonly #kept: LoggedEvent[] = [];
  /** With what to call for each if it fails. */
  readonly #listeners = new Map<Listener, () => void>();
  #position = 0;

  /**
   * @param runId  what the ids of this stream begin with
   * @param wallNow  Unix ms, for the `at` of events
   * @param log  where it says that a listener failed
   * @param capacity  events kept for those who resume; a watcher that was away for longer takes a snapshot
   */
  constructor(
    readonly runId: RunId,
    private readonly wallNow: () => WallTime,
    private readonly log: Pick<Log, 'error'>,
    private readonly capacity = 10_000,
  ) {}

  /** The id of the newest event: from here on a snapshot taken now is continued. */
  get lastId(): string {
    return `${this.runId}:${this.#position}`;
  }

  append(what: Change | Transition, caveats: Caveats = {}): void {
    const logged = new LoggedEvent(this.runId, ++this.#position, what, this.wallNow(), caveats);
    this.#kept.push(logged);
    // Cut in slices, since dropping one from the front of a long array at every event copies it.
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

  /** The events after `id`; undefined where this log cannot say (another run, or too long ago). */
  since(id: string): LoggedEvent[] | undefined {
    const position = this.positionOf(id);
    if (position === undefined) return undefined;
    return this.#kept.slice(this.#kept.length - (this.#position - position)).map((logged) => logged.copy());
  }

  /**
   * Calls `listener` for every event from now on, until the returned function is called. A listener that throws has
   * missed an event, and is called no more: `onFailed` is to let its watcher start again. Nobody else notices.
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
      this.log.error({ event: logged.id, err: error }, 'a watcher could not be told of an event and is cut off');
      onFailed?.();
    }
  }

  get watchers(): number {
    return this.#listeners.size;
  }
}
