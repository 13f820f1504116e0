/** Calls the HTTP API: at the server that answered last, else at the next one. A write takes effect once. */

import { authorHeader, encodeAuthor } from '../model/author.js';
import { NotFoundError, UnreachableError } from '../model/errors.js';
import { idempotencyHeader } from '../model/idempotency.js';
import { readAnswer, toFailure } from './answers.js';
import { doubtsIn } from './caveats.js';
import { exchange, mayHaveArrived } from './http.js';
import type { HttpAnswer, HttpRequest } from './http-messages.js';
import type { CallOptions, ClientOptions } from './options.js';
import { DoubtFailure, ServerFailure, type Servers } from './servers.js';
import { call } from './warnings.js';

export type Call = CallOptions & Pick<HttpRequest, 'body' | 'headers'>;

export class Calls {
  /** The author of the writes, for the catalog's history. */
  readonly #authorHeaders: Record<string, string>;

  constructor(
    private readonly servers: Servers,
    private readonly timeoutMs: number,
    private readonly options: Pick<ClientOptions, 'author' | 'onCaveats' | 'trusted' | 'traceparent'>,
  ) {
    const { author } = options;
    this.#authorHeaders = author === undefined ? {} : { [authorHeader]: encodeAuthor(author) };
  }

  /** Makes a call that changes something. It takes effect once, however often it is sent, and to whichever daemons. */
  async write<T>(method: HttpRequest['method'], path: string, options: Call = {}): Promise<T> {
    return this.#send(method, path, { ...options, headers: await this.#writeHeaders() });
  }

  /**
   * Removes something. If it is gone when the call is repeated, the first attempt removed it and its answer was lost.
   */
  async remove(path: string, options: Call = {}): Promise<void> {
    await this.#send('DELETE', path, { ...options, headers: await this.#writeHeaders(), goneIsDone: true });
  }

  /** Makes a call that reads, or is idempotent, and so may be sent to one server after another. */
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
    const { onCaveats, trusted, traceparent } = this.options;
    let isRepetition = false;
    const attempt = async (server: string, credentials: Record<string, string>): Promise<T> => {
      const headers = { ...rest.headers, ...(traceparent !== undefined && { traceparent }), ...credentials };
      const answer = await exchange(server, {
        method,
        path,
        timeoutMs,
        signal,
        ...rest,
        headers,
        ofDaemon: true,
        tls: this.servers.credentials,
      }).catch((error: unknown) => {
        signal?.throwIfAborted();
        isRepetition ||= mayHaveArrived(error);
        throw toFailure(error);
      });
      isRepetition ||= answer.resent === true;
      const isMarked = answer.isBender && saysWhatIs(method, path, answer);
      if (isMarked) this.servers.status.marked(server, answer.caveats);
      const doubts = isMarked ? doubtsIn(answer.caveats) : undefined;
      if (doubts !== undefined && trusted && method === 'GET') throw new DoubtFailure(doubts);
      const tell = (): void => {
        if (doubts !== undefined) call(() => onCaveats?.(answer.caveats, server));
      };
      try {
        const value = readAnswer(answer) as T;
        tell();
        return value;
      } catch (error) {
        // Otherwise the next server answers.
        if (!(error instanceof ServerFailure)) tell();
        if (goneIsDone && isRepetition && error instanceof NotFoundError) return undefined as T;
        throw error;
      }
    };
    try {
      return await this.servers.first(attempt, { forMs: timeoutMs, signal });
    } catch (error) {
      if (!isRepetition || !isDecision(method, path) || !(error instanceof UnreachableError)) throw error;
      throw new UnreachableError(`${error.message}; the change may have been made`, { cause: error });
    }
  }
}

/**
 * Whether the answer depends on the daemon's view: a look-up, a write that it may refuse because of its view, or
 * NOT_FOUND.
 */
const saysWhatIs = (method: string, path: string, { status }: HttpAnswer): boolean =>
  method === 'GET' || status === 404 || /^\/(backends|frontends|drain-rules)/.test(path);

/** Whether a repetition could do something else: a look-up or a renewal is simply repeated. */
const isDecision = (method: string, path: string): boolean =>
  method !== 'GET' && (method === 'DELETE' || !/^\/(registrations|renewals)$|\/lease(\?|$)/.test(path));
