/** Chooses the daemon to talk to: the one that answered last or, if it fails, the next. */

import { BenderError, InvalidError, UnreachableError } from '../model/errors.js';
import { realTimers, type Timers } from './timers.js';
import { StatusBoard } from './connection-status.js';
import { credentialsIn, tokenHeader } from './credentials.js';
import type { ClientOptions, Token } from './options.js';
import type { TlsCredentials } from '../model/tls-credentials.js';
import { withoutCredentials } from '../model/secrets.js';

export const defaultServer = 'http://127.0.0.1:1729';

/** This server has failed, but another one may succeed: it is unreachable, not ready, or no bender daemon. */
export class ServerFailure extends Error {
  /** Seconds after which this server may be asked again, if it has said so. */
  readonly retryAfter: number | undefined;

  constructor(reason: string, { retryAfter, ...options }: ErrorOptions & { retryAfter?: number } = {}) {
    super(reason, options);
    this.retryAfter = retryAfter;
    this.name = 'ServerFailure';
  }
}

/** The server answers, but has just started or is cut off, and this request needs one that is not. */
export class DoubtFailure extends ServerFailure {}

/** How long to keep trying servers that send Retry-After. */
export interface Patience {
  /** ms; 0: no server is asked twice. */
  forMs?: number;
  signal?: AbortSignal | undefined;
  timers?: Timers;
}

/** Makes a request to the server at `url`, with `credentials` as headers. */
export type Attempt<T> = (url: string, credentials: Record<string, string>) => Promise<T>;

export class Servers {
  /** Without user names and passwords, so that they may be shown. */
  readonly urls: readonly string[];
  /** Which of them answers. */
  readonly status: StatusBoard;
  /** The credentials for each of them. */
  readonly #credentials: readonly Record<string, string>[];
  #current = 0;

  /** Throws {@link InvalidError} for an invalid URL. Without any, the default server is used. */
  constructor(
    urls: readonly string[],
    private readonly token?: Token,
    private readonly tls?: ClientOptions['tls'],
  ) {
    const parsed = (urls.length > 0 ? urls : [defaultServer]).map(parseUrl);
    this.urls = parsed.map((url) => url.origin + url.pathname.replace(/\/$/, ''));
    this.#credentials = parsed.map(credentialsIn);
    this.status = new StatusBoard(this.current);
  }

  /** The present TLS credentials. */
  get credentials(): TlsCredentials | undefined {
    return typeof this.tls === 'function' ? this.tls() : this.tls;
  }

  /** The hosts of the servers, without the brackets of IPv6. */
  get hosts(): string[] {
    return this.urls.map((url) => new URL(url).hostname.replace(/^\[(.*)\]$/, '$1'));
  }

  /** The server that answered last, or the first one. */
  get current(): string {
    return this.urls[this.#current]!;
  }

  /**
   * Makes `attempt` at each server in turn, beginning with the one that answered last, until one does not fail with a
   * {@link ServerFailure}. If all do, and one has sent Retry-After, it starts over after that time, for as long as
   * `patience` allows. In the end it throws {@link UnreachableError}, which names all of them.
   */
  async first<T>(attempt: Attempt<T>, { forMs = 0, signal, timers = realTimers }: Patience = {}): Promise<T> {
    const begun = timers.now();
    for (;;) {
      const round = await this.#round(attempt);
      if ('result' in round) return round.result;
      // All others were asked the same.
      const waitMs = round.retryAfter * 1000 * (1 + timers.random() / 4);
      if (signal?.aborted || !(timers.now() - begun + waitMs < forMs))
        throw new UnreachableError(`no daemon reachable: tried ${round.failures.join(', ')}`);
      await timers.sleep(waitMs, signal);
    }
  }

  async #round<T>(attempt: Attempt<T>): Promise<{ result: T } | { failures: string[]; retryAfter: number }> {
    const failures: string[] = [];
    let retryAfter = Infinity;
    let isSilent = true;
    let firstReason: string | undefined;
    const start = this.#current;
    for (let offset = 0; offset < this.urls.length; offset++) {
      const index = (start + offset) % this.urls.length;
      const url = this.urls[index]!;
      try {
        const result = await attempt(url, await this.#credentialsFor(index));
        this.#current = index;
        this.status.answered(url, firstReason);
        return { result };
      } catch (error) {
        if (error instanceof BenderError && index === start) this.status.answered(url);
        if (!(error instanceof ServerFailure)) throw error;
        if (error instanceof DoubtFailure) isSilent = false;
        firstReason ??= error.message;
        failures.push(`${url} (${error.message})`);
        retryAfter = Math.min(retryAfter, error.retryAfter ?? Infinity);
      }
    }
    if (isSilent) this.status.lost(this.current, firstReason!);
    return { failures, retryAfter };
  }

  async #credentialsFor(index: number): Promise<Record<string, string>> {
    const ofUrl = this.#credentials[index]!;
    if (this.token === undefined || 'authorization' in ofUrl) return ofUrl;
    return tokenHeader(typeof this.token === 'string' ? this.token : await this.token());
  }
}

function parseUrl(input: string): URL {
  const url = URL.canParse(input) ? new URL(input) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new InvalidError(
      `'${withoutCredentials(input)}' is not the URL of a daemon: expected something like ${defaultServer}`,
    );
  return url;
}
