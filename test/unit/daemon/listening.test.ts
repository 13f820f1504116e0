/** A server that closes: also connections that Node does not close with the others. */

import { afterEach, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect, type Socket } from 'node:net';
import { closeDoor, listen } from '../../../src/daemon/listening.js';
import { listenerOptions } from '../../../src/daemon/tls/listener.js';
import { TestAuthority } from '../../helpers/authority.js';

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** Sends `text` by a connection that this side never closes. */
async function hold(server: Server, text = ''): Promise<void> {
  const port = await listen(server, '127.0.0.1', 0);
  const accepted = once(server, 'connection');
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => undefined);
  sockets.push(socket);
  socket.write(text);
  await accepted;
}

it('closes a connection whose TLS handshake does not begin', async () => {
  const authority = await TestAuthority.make();
  const server = createSecureServer(listenerOptions(await authority.materialOf('one'), 'none'));
  await hold(server);
  await closeDoor(server, 1);
});

it('closes a connection that Node has handed over', async () => {
  const server = createServer();
  const upgraded = once(server, 'upgrade');
  await hold(server, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: a\r\n\r\n');
  await upgraded;
  await closeDoor(server, 1);
});

it('waits for an answer that is being written', async () => {
  const server = createServer((_, response) => setImmediate(() => response.end('all')));
  const requested = once(server, 'request');
  await hold(server, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  const [[answer]] = await Promise.all([
    once(sockets[0]!, 'data') as Promise<[Buffer]>,
    requested.then(() => closeDoor(server, 2000)),
  ]);
  expect(answer.toString()).toMatch(/all$/);
});
