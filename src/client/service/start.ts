/** Makes a service of a server of node:http that listens. */

import type { Server } from 'node:http';
import { Client } from '../client.js';
import { addressOf, misplaced } from './address.js';
import type { Connections } from './connections.js';
import { Service, type ServiceOptions } from './service.js';

/**
 * Begins to register the service.
 *
 * @param close  closes the server; resolves when no connection is left
 * @throws InvalidError  if the server has no port that callers could reach
 */
export async function startService(
  server: Pick<Server, 'address' | 'listening'>,
  connections: Connections,
  options: ServiceOptions,
  close: () => Promise<void>,
): Promise<Service> {
  const { client = new Client(), app, version, host, port } = options;
  const daemons = client.servers.hosts;
  const where = await addressOf(server, { host, port }, daemons);
  const problem = host === undefined ? misplaced(where, daemons) : undefined;
  if (problem) process.emitWarning(problem, { code: 'BENDER_ON_LOOPBACK' });
  const door = {
    isOpen: () => server.listening,
    sendAway: (wanted: boolean) => connections.sendAway(wanted),
    close,
    destroy: () => connections.destroy(),
  };
  return new Service(door, { app, version, ...where }, client, options);
}

/**
 * Resolves once the service is registered, or has been stopped before. Throws the error of a daemon that refuses it;
 * the server is left as it is then.
 */
export async function untilRegistered(service: Service): Promise<Service> {
  try {
    await service.ready;
  } catch (error) {
    if (!service.isEnding) {
      await service.deregister();
      throw error;
    }
    await service.closed;
  }
  return service;
}
