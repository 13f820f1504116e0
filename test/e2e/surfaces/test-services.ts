/** HTTP services of this process, registered at daemons, for the proxies that look them up. */

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Client } from '../../../src/client/client.js';
import type { Status } from '../../../src/model/daemon.js';
import { type Address, formatId } from '../../../src/model/registration.js';
import type { RunningDaemon } from '../../helpers/daemon.js';

export interface TestService extends Address {
  id: string;
  /** Requests for `/` that it has answered. */
  requests: number;
}

interface Where {
  app: string;
  version: string;
  /** Default: each at a free port of 127.0.0.1. With a port, they are at 127.0.0.1, 127.0.0.2 and so on. */
  port?: number;
  /** The last number of the first address. */
  from?: number;
}

export class TestServices {
  readonly #servers: Server[] = [];

  /** Starts and registers `count` of them, for the rest of the test. They answer with their ids. */
  async start(client: Client, { app, version, port = 0, from = 1 }: Where, count: number): Promise<TestService[]> {
    return Promise.all(
      Array.from({ length: count }, async (_, index) => {
        const host = `127.0.0.${port === 0 ? 1 : from + index}`;
        const service: TestService = { id: '', app, version, host, port, requests: 0 };
        const server = createServer((_request, response) => {
          service.requests++;
          response.end(service.id);
        });
        this.#servers.push(server);
        await once(server.listen(port, host), 'listening');
        service.port = (server.address() as AddressInfo).port;
        service.id = formatId(service);
        await client.register({ app, version, host, port: service.port, ttl: 600_000 });
        return service;
      }),
    );
  }

  async close(): Promise<void> {
    for (const server of this.#servers) {
      server.close();
      server.closeAllConnections();
    }
    await Promise.all(this.#servers.filter(({ listening }) => listening).map((server) => once(server, 'close')));
  }
}

/** Where a daemon answers DNS that was started with `--dns-port 0`. */
export async function dnsPortOf({ listening }: RunningDaemon): Promise<number> {
  return ((await (await fetch(`${listening}/status`)).json()) as Status).dns!.port;
}
