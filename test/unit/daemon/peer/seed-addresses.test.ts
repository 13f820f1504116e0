/** One address of several that a peer's name has, over real sockets. */

import { afterEach, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Frame, protocolVersion } from '../../../../src/daemon/core/replication/frame.js';
import { formatPeerAddress } from '../../../../src/daemon/core/replication/peer-address.js';
import { StreamTransport } from '../../../../src/daemon/peer/stream-transport.js';
import { ApiServer } from '../../../helpers/api-server.js';

const frame = {
  v: protocolVersion,
  cluster: 'test',
  from: {
    name: 'two',
    runId: 'run-of-two',
    generation: 1,
    url: 'http://127.0.0.1:2',
    synced: true,
    warm: true,
  },
} as Frame;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

function transport(): StreamTransport {
  const made = new StreamTransport();
  closing.push(() => made.close());
  return made;
}

/** Refuses every upgrade with the name that it was called by. */
async function echo(address: string): Promise<Server> {
  const server = createServer();
  server.on('upgrade', ({ headers }: IncomingMessage, socket) =>
    socket.end(
      `HTTP/1.1 409 Conflict\r\nConnection: close\r\n\r\n{"code":"CONFLICT","message":"${headers.host} at ${address}"}`,
    ),
  );
  server.listen(0, address);
  await once(server, 'listening');
  closing.push(() => server.close());
  return server;
}

it('calls the address that is given, by the name of the URL', async () => {
  const server = await echo('127.0.0.9');
  const { port } = server.address() as AddressInfo;
  const url = `http://a-name.test:${port}`;
  const target = formatPeerAddress({ url, address: '127.0.0.9' });
  await expect(transport().exchange(target, frame, 10_000)).rejects.toThrow(`a-name.test:${port} at 127.0.0.9`);
});

it('makes a new connection after hanging up', async () => {
  const server = await ApiServer.start();
  closing.push(() => server.stop());
  let connections = 0;
  server.web.server.on('connection', () => connections++);
  const calling = transport();
  await calling.exchange(server.url, frame, 10_000);
  await calling.exchange(server.url, frame, 10_000);
  expect(connections).toBe(1);
  calling.hangUp(server.url);
  await calling.exchange(server.url, frame, 10_000);
  expect(connections).toBe(2);
});

it('looks a name up', async () => {
  const addresses = await transport().lookup('localhost');
  expect(['127.0.0.1', '::1']).toEqual(expect.arrayContaining(addresses));
});
