/** The HTTP API on an ephemeral port, over a real daemon without peers. */

import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { request } from 'node:http';
import type { ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Server as TlsServer } from 'node:tls';
import { Daemon } from '../../src/daemon/core/daemon.js';
import { type ApiOptions, createApi } from '../../src/daemon/http/api.js';
import { createExpressServer } from '../../src/daemon/http/server.js';
import type { SurfaceCounts } from '../../src/daemon/surfaces/counts.js';
import { nodeRuntime } from '../../src/daemon/node-runtime.js';
import { HostProbes } from '../../src/daemon/probes/probes.js';
import { type Line, logOf, logsOf } from './log.js';

/** Checks what passes through, except in the fuzzer, which sends what is not described. */
const traffic = process.env['JEST_WORKER_ID'] === undefined ? undefined : await import('./traffic.js');

const noPeers = {
  exchange: () => Promise.reject(new Error('there are no peers')),
  lookup: () => Promise.reject(new Error('there are no names')),
  hangUp: () => undefined,
};

export interface Answered {
  status: number;
  headers: IncomingHttpHeaders;
  /** Parsed where it is JSON. */
  body: unknown;
}

export interface RequestOptions {
  headers?: Record<string, string>;
  /** Sent as JSON, with its type; a string as it is, with none. */
  body?: unknown;
}

export class ApiServer {
  readonly logged: Line[] = [];
  readonly daemon: Daemon;
  readonly web;
  readonly #api;

  private constructor(options: ApiOptions, tls?: ServerOptions) {
    this.web = createExpressServer(tls);
    traffic?.checkTraffic(this.web.server);
    const settings = {
      name: 'one',
      url: 'http://127.0.0.1:1729',
      cluster: 'test',
      peers: [],
      ttlMs: 4000,
      peerTimeoutMs: 2000,
      warmForMs: 0,
      version: '1.0.0',
    };
    const logs = logsOf(() => logOf((line) => this.logged.push(line)));
    this.daemon = new Daemon(
      settings,
      { ...nodeRuntime, probes: new HostProbes({ isOwnHostOnly: false, ownPorts: new Set() }) },
      noPeers,
      logs,
    );
    this.#api = createApi(this.web, this.daemon, logs, {
      hosts: ['a', 'h', 'x', 'known.example'],
      ...options,
    });
  }

  /** Ready, unless the test says otherwise with `set`. */
  static async start(options: ApiOptions = {}, tls?: ServerOptions): Promise<ApiServer> {
    const server = new ApiServer(options, tls);
    server.web.server.listen(0, '127.0.0.1');
    await once(server.web.server, 'listening');
    await server.daemon.start();
    server.set({ ready: true });
    return server;
  }

  get url(): string {
    return `${this.web.server instanceof TlsServer ? 'https' : 'http'}://127.0.0.1:${(this.web.server.address() as AddressInfo | null)?.port ?? 0}`;
  }

  /** Makes the daemon say so of itself, whatever it really knows. */
  set(state: Partial<Pick<Daemon, 'phase' | 'synced' | 'ready' | 'stale'>>): void {
    for (const [name, value] of Object.entries(state))
      for (const part of [this.daemon, this.daemon.reports])
        Object.defineProperty(part, name, { value, writable: true });
  }

  /** `path` goes out as it is: no client library tidies it up. */
  async ask(method: string, path: string, { headers = {}, body }: RequestOptions = {}): Promise<Answered> {
    const type: Record<string, string> =
      body === undefined || typeof body === 'string' ? {} : { 'content-type': 'application/json' };
    const { port } = this.web.server.address() as AddressInfo;
    const outgoing = request({ port, method, path, headers: { ...type, ...headers } });
    outgoing.end(typeof body === 'string' ? body : body && JSON.stringify(body));
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    const content = await text(response);
    const isJson = response.headers['content-type']?.startsWith('application/json') && content !== '';
    return {
      status: response.statusCode!,
      headers: response.headers,
      body: isJson ? (JSON.parse(content) as unknown) : content,
    };
  }

  /** Open event streams. */
  get watchers(): number {
    return this.#api.watchers;
  }

  get surfaceCounts(): SurfaceCounts {
    return this.#api.surfaceCounts;
  }

  /** Throws if anything that has passed through is not as the description of the API says. */
  async stop(): Promise<void> {
    this.#api.close();
    await this.daemon.stop();
    this.#api.hangUp('this daemon stops');
    this.web.server.closeAllConnections();
    this.web.server.close();
    await once(this.web.server, 'close');
    traffic?.requireDescribed(this.web.server);
  }

  /** Ends the event streams, as a daemon does that leaves. */
  endStreams(): void {
    this.#api.close();
  }
}
