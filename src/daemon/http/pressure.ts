/**
 * Whether this daemon is overloaded, and what it does then: renewals, probes and peers come first, everything else is
 * refused with 503 until it has caught up.
 *
 * Overloaded means that every connection has waited for more than {@link overdueMs} for its turn, for {@link
 * sustainedMs}; or that too many answers are on their way. A burst that is handled in that time has nothing refused.
 */

import type { IncomingMessage } from 'node:http';
import { OverloadedError } from '../../model/errors.js';
import type { LoadCounters } from './load-counters.js';

/** ms that a connection may wait: far below a third of the shortest TTL. */
const overdueMs = 100;
/** ms. */
const sustainedMs = 300;
/** ms after the last connection that waited too long. */
const recoveryMs = 500;
/** Requests that wait for peers, or for something else that takes its time. Each takes some KB. */
const inFlightMost = 10_000;
/** s after which clients may try again. */
const retryAfterSeconds = 1;

export class Pressure {
  /** Requests whose answers are promises. */
  #inFlight = 0;
  /** When a connection last had its turn in time. */
  #inTimeAt: number;
  #overdueAt = -Infinity;

  constructor(
    private readonly counters: LoadCounters,
    private readonly now = () => performance.now(),
  ) {
    this.#inTimeAt = now();
  }

  /** A connection has waited so many ms for its turn. */
  waited(ms: number): void {
    if (ms <= overdueMs) this.#inTimeAt = this.now();
    else this.#overdueAt = this.now();
  }

  /** An answer that takes its time. */
  count(answer: Promise<unknown>): void {
    this.#inFlight++;
    answer.then(this.#done, this.#done);
  }

  readonly #done = (): void => {
    this.#inFlight--;
  };

  get overloaded(): boolean {
    if (this.#inFlight >= inFlightMost) return true;
    if (this.#overdueAt === -Infinity) return false;
    const now = this.now();
    if (now - this.#overdueAt > recoveryMs) {
      this.#overdueAt = -Infinity;
      this.#inTimeAt = now;
      return false;
    }
    return now - this.#inTimeAt > sustainedMs;
  }

  /** Lets a request in, or throws {@link OverloadedError}. */
  admit(isUrgent: boolean, { socket }: IncomingMessage): void {
    if (isUrgent || !this.overloaded) return;
    this.counters.count('overload', socket.remoteAddress);
    throw new OverloadedError(
      'this daemon is overloaded and takes renewals only: ask another one, or later',
      retryAfterSeconds,
    );
  }
}
