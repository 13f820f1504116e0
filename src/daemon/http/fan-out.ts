/**
 * When what waits for watchers is written.
 *
 * A write costs the same however short it is, and one to each of a thousand watchers takes several milliseconds. After
 * that the daemon turns to its other work for as long again, and what comes meanwhile leaves together: each event costs
 * less, the more there are to be told. Telling a few takes less than a timer can wait, and they wait for nothing.
 */

import { Chunks } from './chunks.js';

/** A source of data for watchers. */
export interface Writer {
  /** @param chunks  shared by all watchers that are written to at once, since most get the same */
  flush(chunks: Chunks): void;
}

/** ms, below which no timer can wait. */
const shortestRestMs = 1;
/** ms of rest at most: the process may have been standing still while it wrote. */
const longestRestMs = 10;

export class FanOut {
  #writers: Writer[] = [];
  #restsUntil = -Infinity;
  #isFlushing = false;

  /** @param now  ms by a clock that never goes back */
  constructor(private readonly now = () => performance.now()) {}

  /** Has `writer` flushed soon; not to be called again before that. */
  add(writer: Writer): void {
    // What is left over while others are written to waits until that is over, and so does not go on in the same turn.
    if (this.#writers.push(writer) === 1 && !this.#isFlushing) this.#schedule();
  }

  #schedule(): void {
    const restMs = this.#restsUntil - this.now();
    if (restMs <= 0) process.nextTick(this.#flush);
    else if (restMs < shortestRestMs) setImmediate(this.#flush);
    else setTimeout(this.#flush, restMs);
  }

  readonly #flush = (): void => {
    const begun = this.now();
    const chunks = new Chunks();
    this.#isFlushing = true;
    try {
      for (const writer of this.#writers.splice(0)) writer.flush(chunks);
    } finally {
      this.#isFlushing = false;
      const ended = this.now();
      this.#restsUntil = ended + Math.min(ended - begun, longestRestMs);
      if (this.#writers.length > 0) this.#schedule();
    }
  };
}
