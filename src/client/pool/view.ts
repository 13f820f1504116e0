/**
 * What one filtered event stream has told, for all pools of a client that need it.
 *
 * What always holds: the picture is that of a daemon that is neither warming nor stale. While there is none, it stays
 * as it was.
 */

import type { EventFilter, EventOptions, WatchedEvent } from '../events.js';
import { Picture, type SeenEvent } from '../picture.js';
import { problemText } from '../../model/problem-text.js';
import type { Timers } from '../timers.js';

/** The part of the client that a view uses. */
export interface EventSource {
  events(filter: EventFilter, options: EventOptions): AsyncIterable<WatchedEvent>;
}

/** Called after each event with the changes, and whether they were derived from a snapshot. */
export type OnView = (changes: readonly SeenEvent[], isSnapshot: boolean) => void;

export interface Trouble {
  /** Monotonic ms: since when nothing is heard from a daemon that can be trusted. */
  since: number;
  reason: string;
  /** Whether the first daemon has not answered yet. */
  isFirst?: true;
  /** What a daemon has thrown, if it refuses the stream. */
  error?: unknown;
}

/** How long to wait after a daemon has refused the stream: a token may be replaced meanwhile. */
const refusedPauseMs = 2000;

class View {
  readonly picture = new Picture();
  /** Whether there was a snapshot. */
  isKnown = false;
  trouble: Trouble | undefined;
  readonly #listeners = new Set<OnView>();
  readonly #end = new AbortController();
  readonly #timers: Timers;

  constructor(source: EventSource, filter: EventFilter, timers: Timers) {
    this.#timers = timers;
    this.trouble = { since: timers.now(), reason: 'no daemon has answered yet', isFirst: true };
    this.#run(source, filter).catch((error: unknown) => this.#lost(problemText(error), error));
  }

  listen(listener: OnView): void {
    this.#listeners.add(listener);
  }

  /** Returns whether that was the last listener: then the stream has ended. */
  leave(listener: OnView): boolean {
    this.#listeners.delete(listener);
    if (this.#listeners.size > 0) return false;
    this.#end.abort();
    return true;
  }

  async #run(source: EventSource, filter: EventFilter): Promise<void> {
    const { signal } = this.#end;
    while (!signal.aborted) {
      try {
        const events = source.events(filter, {
          signal,
          trusted: true,
          persistent: true,
          timers: this.#timers,
          onConnect: () => this.#connected(),
          onDisconnect: ({ reason }) => this.#lost(reason),
        });
        for await (const { event } of events) {
          const changes = this.picture.apply(event);
          const isSnapshot = event.type === 'snapshot';
          if (isSnapshot) this.isKnown = true;
          this.trouble = undefined;
          this.#tell(changes, isSnapshot);
        }
      } catch (error) {
        this.#lost(problemText(error), error);
        await this.#timers.sleep(refusedPauseMs, signal);
      }
    }
  }

  /** A resumed stream sends nothing until there is something new. */
  #connected(): void {
    if (!this.isKnown || this.trouble === undefined) return;
    this.trouble = undefined;
    this.#tell([], false);
  }

  #lost(reason: string, error?: unknown): void {
    const since = this.trouble?.since ?? this.#timers.now();
    this.trouble = { since, reason, ...(error !== undefined && { error }) };
    this.#tell([], false);
  }

  #tell(changes: readonly SeenEvent[], isSnapshot: boolean): void {
    for (const listener of [...this.#listeners]) listener(changes, isSnapshot);
  }
}

/** A view that one pool listens to. */
export interface OpenView extends Pick<View, 'picture' | 'isKnown' | 'trouble'> {
  close(): void;
}

export class Views {
  readonly #open = new Map<string, View>();

  constructor(
    private readonly source: EventSource,
    private readonly timers: Timers,
  ) {}

  /** Opens the view of `filter`, or joins it. A view that is known already calls `listener` only at its next event. */
  open(filter: EventFilter, listener: OnView): OpenView {
    const key = JSON.stringify(filter);
    const view = this.#open.get(key) ?? new View(this.source, filter, this.timers);
    this.#open.set(key, view);
    view.listen(listener);
    const close = (): void => {
      if (view.leave(listener) && this.#open.get(key) === view) this.#open.delete(key);
    };
    return {
      close,
      picture: view.picture,
      get isKnown() {
        return view.isKnown;
      },
      get trouble() {
        return view.trouble;
      },
    };
  }
}
