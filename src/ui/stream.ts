/**
 * The event stream, for as long as the page is open. It is read by `fetch`, since an EventSource cannot send a token.
 * It reconnects, and resumes after the last event, so that no change is missed.
 */

import { createParser } from 'eventsource-parser';
import type { BenderEvent } from '../model/events.js';
import { type ApiError, credentials, errorIn } from './api.js';

export interface StreamHandlers {
  onEvent: (event: BenderEvent) => void;
  onOpen: () => void;
  /** The stream has ended or could not be opened; it is tried again. `error`: what the daemon has said. */
  onLost: (error: ApiError | undefined) => void;
}

/** ms before the next try: at first, and at most. */
const pauseMs = { first: 200, most: 3000 };

/** ms of silence after which a stream is dead: a daemon sends something every 5 to 10 s. */
const silenceMs = 15_000;

/** Why the page itself ends a stream: it is not lost. */
const onPurpose = 'on purpose';

export class EventStream {
  #lastEventId: string | undefined;
  #abort = new AbortController();
  #wake: () => void = () => {};
  #pause = pauseMs.first;

  /** @param isResting  whether it stays closed until {@link restart} */
  constructor(
    private readonly handlers: StreamHandlers,
    private isResting = false,
  ) {
    void this.#run();
  }

  /** Connects at once, for example with another token. */
  restart(): void {
    this.isResting = false;
    this.#pause = pauseMs.first;
    this.#abort.abort(onPurpose);
    this.#wake();
  }

  /** Closes the stream until {@link restart}. */
  rest(): void {
    this.isResting = true;
    this.#abort.abort(onPurpose);
  }

  async #run(): Promise<never> {
    for (;;) {
      if (this.isResting) await this.#woken();
      const abort = (this.#abort = new AbortController());
      const error = await this.#readOnce(abort).catch(() => undefined);
      if (abort.signal.reason === onPurpose) continue;
      this.handlers.onLost(error);
      await this.#woken(this.#pause);
      this.#pause = Math.min(this.#pause * 2, pauseMs.most);
    }
  }

  /** Resolves with {@link restart}, or after `ms`. */
  #woken(ms?: number): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      if (ms !== undefined) setTimeout(resolve, ms);
    });
  }

  /** Returns what the daemon has refused it with; undefined when the stream has ended. */
  async #readOnce(abort: AbortController): Promise<ApiError | undefined> {
    let timer = 0;
    const heard = (): void => {
      clearTimeout(timer);
      timer = window.setTimeout(() => abort.abort(), silenceMs);
    };
    heard();
    try {
      const response = await fetch('/events?drain-rules=true', {
        headers: { ...credentials(), ...(this.#lastEventId !== undefined && { 'last-event-id': this.#lastEventId }) },
        cache: 'no-store',
        signal: abort.signal,
      });
      if (!response.ok) return await errorIn(response);
      this.#pause = pauseMs.first;
      this.handlers.onOpen();
      const parser = createParser({
        maxBufferSize: Infinity,
        onEvent: ({ id, data }) => {
          this.handlers.onEvent(JSON.parse(data) as BenderEvent);
          this.#lastEventId = id ?? this.#lastEventId;
        },
      });
      const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return undefined;
        heard();
        parser.feed(value);
      }
    } finally {
      clearTimeout(timer);
      abort.abort();
    }
  }
}
