/** Calls of the HTTP API: at the server that answered last, else at the next one, and writes so that they are done once. */

import { authorHeader, encodeAuthor } from '../model/author.js';
import { NotFoundError } from '../model/errors.js';
import type { Caveats } from '../model/events.js';
import { idempotencyHeader } from '../model/idempotency.js';
import { readAnswer, toFailure } from './answers.js';
import { exchange, type HttpRequest, mayHaveArrived } from './http.js';
import type { CallOptions, OnCaveats } from './options.js';
import type { Servers } from './servers.js';

export type Call = CallOptions & Pick<HttpRequest, 'body' | 'headers'>;

export class Calls {
  /** Who makes the writes, for the catalog's history. */
  readonly #authorHeaders: Record<string, string>;

  constructor(
    private readonly servers: Servers,
    private readonly timeoutMs: number,
    author: string | undefined,
    private readonly onCaveats: OnCaveats | undefined,
  ) {
    this.#authorHeaders = author === undefined ? {} : { [authorHeader]: encodeAuthor(author) };
  }

  /** A call that changes something. However often it has to be sent, and wherever it arrives, it is done once. */
  async write<T>(method: HttpRequest['method'], path: string, options: Call = {}): Promise<T> {
    return this.#send(method, path, { ...options, headers: await this.#writeHeaders() });
  }

  /** What is gone when a removal is repeated was removed by the first attempt, whose answer was lost. */
  async remove(path: string, options: Call = {}): Promise<void> {
    await this.#send('DELETE', path, { ...options, headers: await this.#writeHeaders(), goneIsDone: true });
  }

  /** A call that may be sent to one server after the other, as it reads, or does the same however often it is done. */
  async read<T>(method: HttpRequest['method'], path: string, options: Call = {}): Promise<T> {
    return this.#send(method, path, options);
  }

  async #writeHeaders(): Promise<Record<string, string>> {
    const { randomUUID } = await import('node:crypto');
    return { ...this.#authorHeaders, [idempotencyHeader]: randomUUID() };
  }

  async #send<T>(
    method: HttpRequest['method'],
    path: string,
    { timeoutMs = this.timeoutMs, signal, goneIsDone = false, ...rest }: Call & { goneIsDone?: boolean } = {},
  ): Promise<T> {
    let isRepetition = false;
    const attempt = async (server: string, credentials: Record<string, string>): Promise<T> => {
      const headers = { ...rest.headers, ...credentials };
      const answer = await exchange(server, {
        method,
        path,
        timeoutMs,
        signal,
        ...rest,
        headers,
        ofDaemon: true,
      }).catch((error: unknown) => {
        signal?.throwIfAborted();
        isRepetition ||= mayHaveArrived(error);
        throw toFailure(error);
      });
      isRepetition ||= answer.resent === true;
      if (this.onCaveats && saysWhatIs(method, path) && hasAny(answer.caveats))
        this.onCaveats(answer.caveats, server);
      try {
        return readAnswer(answer) as T;
      } catch (error) {
        if (goneIsDone && isRepetition && error instanceof NotFoundError) return undefined as T;
        throw error;
      }
    };
    return this.servers.first(attempt, { forMs: timeoutMs, signal });
  }
}

/** Whether the answer depends on what the daemon sees: a look-up, or a write that it may refuse for that. */
const saysWhatIs = (method: string, path: string): boolean =>
  method === 'GET' || /^\/(backends|frontends)/.test(path);

const hasAny = ({ warming, stale }: Caveats): boolean => Boolean(warming || stale);
