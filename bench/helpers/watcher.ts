/** Who watches a daemon's events, and when what arrived. */

import { type ClientRequest, get } from 'node:http';
import { createInterface } from 'node:readline';

interface Event {
  type: string;
  registration?: { id: string };
}

export class Watcher {
  /** How many events of each type arrived. */
  readonly counts = new Map<string, number>();
  readonly #awaited = new Map<string, (at: number) => void>();
  #request!: ClientRequest;

  private constructor() {}

  /** Watches who comes and goes; settles when the stream has started. */
  static open(port: number): Promise<Watcher> {
    const watcher = new Watcher();
    return new Promise((resolve, reject) => {
      const path = '/events?type=online,offline';
      watcher.#request = get({ port, host: '127.0.0.1', path, agent: false }, (response) => {
        const lines = createInterface(response);
        // What ends the stream ends the waiting of `next` too, by its patience.
        lines.on('error', () => undefined);
        lines.on('line', (line) => {
          if (!line.startsWith('data: ')) return;
          watcher.#hear(JSON.parse(line.slice(6)) as Event);
          resolve(watcher);
        });
      });
      watcher.#request.on('error', reject);
    });
  }

  /** `performance.now()` when the next such event arrives; rejects after some time. */
  next(type: 'online' | 'offline', id: string, patienceMs = 30_000): Promise<number> {
    const key = `${type} ${id}`;
    return new Promise((resolve, reject) => {
      const patience = setTimeout(() => reject(new Error(`no ${key} within ${patienceMs} ms`)), patienceMs);
      this.#awaited.set(key, (at) => {
        clearTimeout(patience);
        this.#awaited.delete(key);
        resolve(at);
      });
    });
  }

  close(): void {
    this.#request.on('error', () => undefined);
    this.#request.destroy();
  }

  #hear({ type, registration }: Event): void {
    const at = performance.now();
    this.counts.set(type, (this.counts.get(type) ?? 0) + 1);
    if (registration) this.#awaited.get(`${type} ${registration.id}`)?.(at);
  }
}
