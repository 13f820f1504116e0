/** Watches the events of a daemon, and notes when each arrived. */

import { type ClientRequest, get } from 'node:http';
import { createInterface } from 'node:readline';
import { Awaited } from './awaited.js';

interface Event {
  type: string;
  registration?: { id: string };
}

export class Watcher extends Awaited {
  #request!: ClientRequest;

  private constructor() {
    super();
  }

  /** Watches online and offline events; settles when the stream has started. */
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
          const { type, registration } = JSON.parse(line.slice(6)) as Event;
          watcher.hear(type, registration?.id);
          resolve(watcher);
        });
      });
      watcher.#request.on('error', reject);
    });
  }

  close(): void {
    this.#request.on('error', () => undefined);
    this.#request.destroy();
  }
}
