/**
 * The `X-Consul-Index` of each answer: it rises when the answer to the same question is another one, and only then.
 *
 * Each run of a daemon counts from another start, so that an index of another daemon, or of its former run, is never
 * taken for one of this run.
 */

import { createHash } from 'node:crypto';

/** Changes that are counted before one run may come near the start of another. */
const room = 2 ** 20;

export class Indexes {
  /** By the digest of the question, which a client may make 16 KB long. */
  readonly #of = new Map<string, { etag: string; index: number }>();
  #last: number;

  /** @param most  questions that are remembered. The index of one that is forgotten rises without a change. */
  constructor(
    runId: string,
    private readonly most = 10_000,
  ) {
    this.#last = createHash('sha1').update(runId).digest().readUInt32BE() * room;
  }

  /** @param etag  of the present answer */
  of(question: string, etag: string): number {
    const key = createHash('sha1').update(question).digest('base64');
    const known = this.#of.get(key);
    if (known?.etag === etag) return known.index;
    const index = ++this.#last;
    // The one that changed last goes last.
    this.#of.delete(key);
    this.#of.set(key, { etag, index });
    if (this.#of.size > this.most) this.#of.delete(this.#of.keys().next().value!);
    return index;
  }
}
