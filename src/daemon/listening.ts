/** Servers of a daemon, from the moment they listen until their last connection is closed. */

import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { BenderError } from '../model/errors.js';
import { hostPort } from '../model/registration.js';

/**
 * The connections of each server. Node itself can close only those that speak HTTP: not those whose TLS handshake is
 * under way, nor those that it has handed over.
 */
const connections = new WeakMap<Server, Set<Socket>>();

/** Returns the port. Rejects if it cannot listen, and says what does already. */
export async function listen(server: Server, host: string, port: number): Promise<number> {
  const open = new Set<Socket>();
  connections.set(server, open);
  server.on('connection', (socket: Socket) => {
    // One that has offered an upgrade comes a second time.
    if (!open.has(socket)) socket.once('close', () => open.delete(socket));
    open.add(socket);
  });
  server.listen({ host, port });
  try {
    await once(server, 'listening');
  } catch (error) {
    const where = hostPort({ host, port });
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? `${await whoDoes(host, port)} does already` : message;
    throw new BenderError('INTERNAL', `cannot listen on ${where}: ${why}`, { cause: error });
  }
  return (server.address() as AddressInfo).port;
}

async function whoDoes(host: string, port: number): Promise<string> {
  const { whoListens } = await import('./who-listens.js');
  return whoListens(host, port);
}

/**
 * Ends what {@link listen} began. Idle connections are closed at once, the others after `drainMs`. Resolves when none
 * is left.
 */
export async function closeDoor(server: Server, drainMs: number): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const drained = setTimeout(() => {
    for (const socket of connections.get(server) ?? []) socket.destroy();
  }, drainMs);
  await closed;
  clearTimeout(drained);
}
