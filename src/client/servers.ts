/** Which daemon to talk to: the one that answered last, and when it cannot, the next. */

import { InvalidError, UnreachableError } from '../model/errors.js';

export const defaultServer = 'http://127.0.0.1:1729';

/** This server cannot help, another one may: it is unreachable, not ready, or no bender daemon. */
export class ServerFailure extends Error {
  constructor(reason: string, options?: ErrorOptions) {
    super(reason, options);
    this.name = 'ServerFailure';
  }
}

export class Servers {
  readonly urls: readonly string[];
  #current = 0;

  /** Throws {@link InvalidError} for what is not the URL of a server. None given: the default one. */
  constructor(urls: readonly string[]) {
    this.urls = urls.length > 0 ? urls.map(baseUrl) : [defaultServer];
  }

  /** The server that answered last, or the first one. */
  get current(): string {
    return this.urls[this.#current]!;
  }

  /**
   * Makes `attempt` at each server in turn, beginning with the one that answered last, until one does not
   * fail with a {@link ServerFailure}. Throws {@link UnreachableError}, naming them all, when all do.
   */
  async first<T>(attempt: (url: string) => Promise<T>): Promise<T> {
    const failures: string[] = [];
    const start = this.#current;
    for (let offset = 0; offset < this.urls.length; offset++) {
      const index = (start + offset) % this.urls.length;
      const url = this.urls[index]!;
      try {
        const result = await attempt(url);
        this.#current = index;
        return result;
      } catch (error) {
        if (!(error instanceof ServerFailure)) throw error;
        failures.push(`${url} (${error.message})`);
      }
    }
    throw new UnreachableError(`no daemon reachable: tried ${failures.join(', ')}`);
  }
}

function baseUrl(input: string): string {
  const url = URL.canParse(input) ? new URL(input) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new InvalidError(`'${input}' is not the URL of a daemon: expected something like ${defaultServer}`);
  return url.origin + url.pathname.replace(/\/$/, '');
}
