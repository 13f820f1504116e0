/** An HTTP server that answers as a test tells it to, and remembers what it was asked. */

import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { daemonHeader } from '../../src/model/daemon.js';

export interface Asked {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: unknown;
}

export type Answerer = (asked: Asked, response: ServerResponse) => void;

export class FakeDaemon {
  static readonly #running = new Set<FakeDaemon>();
  readonly asked: Asked[] = [];
  /** Whether its answers look like those of a daemon. */
  isBender = true;
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  private constructor(public answer: Answerer) {}

  static async start(answer: Answerer = json(200, [])): Promise<FakeDaemon> {
    const daemon = new FakeDaemon(answer);
    daemon.#server.listen(0, '127.0.0.1');
    await once(daemon.#server, 'listening');
    FakeDaemon.#running.add(daemon);
    return daemon;
  }

  /** Stops those that tests have started. */
  static async stopAll(): Promise<void> {
    await Promise.all([...FakeDaemon.#running].map((daemon) => daemon.stop()));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    FakeDaemon.#running.delete(this);
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const asked = {
      method: request.method!,
      path: request.url!,
      headers: request.headers,
      body: body === '' ? undefined : (JSON.parse(body) as unknown),
    };
    this.asked.push(asked);
    if (this.isBender) response.setHeader(daemonHeader, '1');
    this.answer(asked, response);
  }
}

export const json =
  (status: number, body?: unknown): Answerer =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  };

export const error = (status: number, code: string, message = 'as told'): Answerer => json(status, { code, message });

/** Never answers. */
export const silence: Answerer = () => undefined;

/** A URL at which nobody listens. */
export async function deadUrl(): Promise<string> {
  const daemon = await FakeDaemon.start();
  const { url } = daemon;
  await daemon.stop();
  return url;
}
