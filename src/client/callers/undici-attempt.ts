/**
 * One request to a frontend: sent to an instance, and to another one if that is of no harm.
 *
 * What always holds: a request that may have been sent is repeated only as `retry` allows. Once a response has begun,
 * nothing is repeated.
 */

import type { Dispatcher } from 'undici';
import type { Weighted } from '../../model/weights.js';
import type { Acquired } from '../pool/options.js';
import type { Pool } from '../pool/pool.js';
import { acquireAnother } from './another.js';
import { isFault } from './fault.js';

export type Retry = 'unsent' | 'safe' | 'idempotent';

const safe = ['GET', 'HEAD', 'OPTIONS'];
const methods: Record<Retry, readonly string[]> = {
  unsent: [],
  safe,
  idempotent: [...safe, 'PUT', 'DELETE', 'TRACE'],
};

/** The connection was not lost: the instance works on the request, as another one would. */
const slow = 'UND_ERR_HEADERS_TIMEOUT';

/** The connections were closed because the instance has left the pool. */
const closed = /^UND_ERR_(CLOSED|DESTROYED)$/;

interface Parts {
  pool: Pool;
  retry: Retry;
  request: Dispatcher.DispatchOptions;
  /** Whether the dispatcher was destroyed, so that nothing is sent from then on. */
  isDestroyed: () => boolean;
  handler: Dispatcher.DispatchHandler;
  send: (to: Weighted, request: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler) => void;
}

export class Attempt {
  readonly #tried = new Set<string>();

  constructor(private readonly parts: Parts) {}

  /** Sends the request. */
  begin(): void {
    try {
      this.#sendTo(this.parts.pool.acquire());
    } catch (error) {
      this.refuse(error as Error);
    }
  }

  #sendTo({ instance, release }: Acquired): void {
    const { request, send } = this.parts;
    this.#tried.add(instance.id);
    send(instance, request, this.#handlerFor(instance, release));
  }

  /** Sends it to an instance that was not tried yet. Returns whether there is one. */
  #sendToAnother(): boolean {
    const { pool, isDestroyed } = this.parts;
    const other = isDestroyed() ? undefined : acquireAnother(pool, this.#tried);
    if (other === undefined) return false;
    this.#sendTo(other);
    return true;
  }

  /** Ends the request with `error`, before it was sent. */
  refuse(error: Error): void {
    this.parts.handler.onResponseError?.(notSent, error);
  }

  #handlerFor(instance: Weighted, release: () => void): Dispatcher.DispatchHandler {
    const { pool, handler } = this.parts;
    let isSent = false;
    let hasBegun = false;
    const begins = (): void => {
      hasBegun = true;
      pool.succeeded(instance);
    };
    return {
      onRequestStart: (controller, context: unknown) => {
        isSent = true;
        handler.onRequestStart?.(controller, context);
      },
      onRequestUpgrade: (...args) => {
        begins();
        release();
        handler.onRequestUpgrade?.(...args);
      },
      onResponseStart: (...args) => {
        begins();
        handler.onResponseStart?.(...args);
      },
      onResponseData: (...args) => handler.onResponseData?.(...args),
      onResponseEnd: (...args) => {
        release();
        handler.onResponseEnd?.(...args);
      },
      onResponseError: (controller, error) => {
        release();
        const { code = '' } = error as NodeJS.ErrnoException;
        const isOfInstance = !controller?.aborted && isFault(error);
        if (isOfInstance) pool.failed(instance);
        const isRepeatable = isSent
          ? isOfInstance && code !== slow && !hasBegun && this.#mayRepeat()
          : isOfInstance || closed.test(code);
        if (!isRepeatable || !this.#sendToAnother()) handler.onResponseError?.(controller, error);
      },
    };
  }

  #mayRepeat(): boolean {
    const { retry, request } = this.parts;
    const { method, body } = request;
    const isWhole = body === null || body === undefined || typeof body === 'string' || body instanceof Uint8Array;
    return isWhole && methods[retry].includes(method.toUpperCase());
  }
}

/** What handlers get for a request that was never sent. */
export const notSent: Dispatcher.DispatchController = {
  ...{ aborted: false, paused: false, reason: null, rawHeaders: null, rawTrailers: null },
  abort: () => undefined,
  pause: () => undefined,
  resume: () => undefined,
};
