/**
 * Services of node:http, and of what is built on it, such as Express: registered while they listen, drained before they
 * end.
 *
 *     import express from 'express';
 *     import { Client } from 'bender-client';
 *     import { runService } from 'bender-client/node-http';
 *
 *     const app = express();
 *     app.get('/', (_, response) => response.send('hello\n'));
 *     await runService(app.listen(8080), { client: new Client(), app: 'web', version: '1.2.0' });
 */

import { once } from 'node:events';
import type { Server } from 'node:http';
import type { ListenOptions } from 'node:net';
import { Connections } from './service/connections.js';
import type { Service, ServiceOptions } from './service/service.js';
import { startService, untilRegistered } from './service/start.js';
import { warn } from './warnings.js';

export type { Service, ServiceOptions } from './service/service.js';

export interface RunServiceOptions extends ServiceOptions {
  /**
   * Where the server is to listen, if it does not yet: what `server.listen` takes. Without it, the program has called
   * `listen`, and it is waited for.
   */
  listen?: ListenOptions | undefined;
}

/**
 * Registers a service while its server listens. On SIGTERM and SIGINT, or `stop`, it drains, deregisters and closes the
 * server, so that no request fails.
 *
 *     const server = createServer((_, response) => response.end('hello\n'));
 *     const service = await runService(server, { app: 'web', version: '1.2.0', listen: { port: 8080 } });
 *     console.log('online as', service.id);
 *
 * @returns  the service, once it listens and is registered, or was stopped before; while no daemon can be reached, it
 *   serves, and goes on trying to register
 * @throws  the error of the server if it cannot listen: nothing is registered then. The error of a daemon that refuses
 *   the registration (InvalidError, AccessError, …): the server goes on listening then. InvalidError if the server has
 *   no port.
 */
export async function runService(server: Server, { listen, ...options }: RunServiceOptions): Promise<Service> {
  const connections = new Connections(server).watchRequests();
  if (listen) server.listen(listen);
  // Rejects with the error of the server.
  if (!server.listening) await once(server, 'listening');
  const service = await startService(server, connections, options, () => connections.close());
  const end = (): void => void service.deregister().catch(warn);
  server.once('close', end);
  // The program has closed it meanwhile.
  if (!server.listening) end();
  return untilRegistered(service);
}
