/** Callers of a frontend: they ask a daemon for its instances, and send requests to them. */

import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../../client/index.js';
import { pick, type Weighted } from '../../model/weights.js';

/** ms between two requests, and between two looks at what serves the frontend. */
const [requestEveryMs, lookEveryMs] = [10, 100];

export interface Answers {
  /** By version of the instance that answered. */
  byVersion: Record<string, number>;
  failed: number;
}

export class Callers {
  readonly #ended = new AbortController();
  readonly #agent = new Agent({ keepAlive: true });
  readonly #done: Promise<unknown>;
  #instances: readonly Weighted[] = [];
  #answers: Answers = { byVersion: {}, failed: 0 };

  constructor(
    private readonly client: Pick<Client, 'resolve'>,
    private readonly frontend: string,
  ) {
    this.#done = Promise.all([this.#look(), this.#call()]);
  }

  /** What was answered since the last call. */
  take(): Answers {
    const answers = this.#answers;
    this.#answers = { byVersion: {}, failed: 0 };
    return answers;
  }

  async end(): Promise<void> {
    this.#ended.abort();
    await this.#done;
    this.#agent.destroy();
  }

  async #look(): Promise<void> {
    while (!this.#ended.signal.aborted) {
      // What it knew last is good enough while no daemon answers.
      this.#instances = await this.client.resolve(this.frontend).catch(() => this.#instances);
      await sleep(lookEveryMs);
    }
  }

  async #call(): Promise<void> {
    while (!this.#ended.signal.aborted) {
      const instance = pick(this.#instances, Math.random());
      if (instance) this.#send(instance);
      await sleep(requestEveryMs);
    }
  }

  #send({ host, port, version }: Weighted): void {
    const { byVersion } = this.#answers;
    const request = get({ host, port, agent: this.#agent, timeout: 1000 }, (response) => {
      response.resume().on('end', () => (byVersion[version] = (byVersion[version] ?? 0) + 1));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => this.#answers.failed++);
  }
}
