/**
 * Writes that arrive twice at this daemon, for what leaves no trace in the catalog: the second arrival is answered with
 * the answer to the first, and does nothing.
 */

import { createHash } from 'node:crypto';
import { ConflictError } from '../../model/errors.js';
import { idempotencyHeader, readIdempotencyKey } from '../../model/idempotency.js';
import type { Answer, ApiRequest } from './route.js';

/** ms for which an answer is kept: longer than any client goes on repeating. */
const keptForMs = 120_000;

/** Answers that are kept; beyond, the oldest go. */
const mostKept = 10_000;

interface Arrival {
  /** Identifies the request. */
  digest: string;
  answer: Promise<Answer>;
  at: number;
}

export class Repeats {
  readonly #arrivals = new Map<string, Arrival>();

  /** @param now  monotonic ms */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /**
   * A handler that does its work once per idempotency key. A failure has changed nothing, and is tried again.
   *
   * @param verb  what the handler does, to tell its requests from those of other handlers
   */
  once<P extends string>(
    verb: string,
    handle: (request: ApiRequest<P>) => Promise<Answer>,
  ): (request: ApiRequest<P>) => Promise<Answer> {
    return (request) => {
      const key = readIdempotencyKey(request.headers[idempotencyHeader]);
      if (key === undefined) return handle(request);
      this.#tidy();
      const digest = digestOf(verb, request);
      const earlier = this.#arrivals.get(key);
      if (earlier && earlier.digest !== digest)
        throw new ConflictError(`the idempotency key '${key}' was used for another write`);
      if (earlier) return earlier.answer;
      const answer = handle(request);
      this.#arrivals.set(key, { digest, answer, at: this.now() });
      answer.catch(() => this.#arrivals.delete(key));
      return answer;
    };
  }

  #tidy(): void {
    for (const [key, { at }] of this.#arrivals) {
      if (this.now() - at < keptForMs && this.#arrivals.size < mostKept) break;
      this.#arrivals.delete(key);
    }
  }
}

function digestOf(verb: string, request: ApiRequest): string {
  const asked = [verb, request.params, request.query().toString(), request.body ?? null];
  return createHash('sha1').update(JSON.stringify(asked)).digest('base64url');
}
