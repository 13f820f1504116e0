/** A client that behaves well: it holds many registrations by renewing them in batches, every third of their TTL. */

import { idOf, numbers } from './instances.js';
import type { ServerProcess } from './processes.js';
import { Requests, wait } from './requests.js';

/** Ids in one request. */
const batchSize = 1000;

export class Keeper {
  /** ms that each renewal of a batch took. */
  readonly times: number[] = [];
  /** Batches that failed or were refused. */
  failed = 0;
  /** Ids that nobody knew. */
  unknown = 0;
  readonly #requests: Requests;
  readonly #loops: Promise<void>[];
  #over = false;

  /** @param count  of instances, which are registered with that TTL (ms) */
  constructor({ port }: ServerProcess, count: number, ttl: number) {
    const batches = Math.ceil(count / batchSize);
    this.#requests = new Requests(port, batches);
    this.#loops = numbers(batches).map((batch) => this.#keep(batch, batches, ttl / 3));
  }

  async stop(): Promise<void> {
    this.#over = true;
    await Promise.all(this.#loops);
    this.#requests.close();
  }

  async #keep(batch: number, batches: number, everyMs: number): Promise<void> {
    const body = { ids: numbers(batchSize, batch * batchSize).map(idOf) };
    let next = performance.now() + (everyMs * batch) / batches;
    while (!this.#over) {
      await wait(Math.max(0, next - performance.now()));
      next += everyMs;
      const begun = performance.now();
      await this.#requests.send('POST', '/renewals', body).then(
        ({ status, body }) => {
          if (status === 200) this.unknown += (JSON.parse(body) as { unknown: string[] }).unknown.length;
          else this.failed++;
        },
        () => this.failed++,
      );
      this.times.push(performance.now() - begun);
    }
  }
}
