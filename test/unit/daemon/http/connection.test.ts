import { afterEach, expect, it, jest } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { Connection } from '../../../../src/daemon/http/connection.js';
import { eventually } from '../../../helpers/eventually.js';

const server = createServer();
afterEach(() => {
  server.close();
  server.closeAllConnections();
});

/** More than Node reads at once, and more than the kernel keeps of the answers. */
const sent = 400;
const request = `GET / HTTP/1.1\r\nHost: h\r\nPadding: ${'x'.repeat(1000)}\r\n\r\n`;
const body = Buffer.alloc(64 * 1024);

/** Has a client send many requests and read none of the answers. */
async function flood(): Promise<{ client: Socket; connection: Connection; arrived: () => number }> {
  let arrived = 0;
  server.on('request', (_, response) => {
    arrived++;
    response.end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [socket] = (await once(server, 'connection')) as [Socket];
  const connection = new Connection(socket, { read: jest.fn(), free: jest.fn(), waiting: jest.fn() });
  client.write(request.repeat(sent));
  return { client, connection, arrived: () => arrived };
}

it('knows from Node itself when it holds a connection back, and when no longer', async () => {
  const { client, connection, arrived } = await flood();
  const { socket } = connection;
  expect(connection.isHeld).toBe(false);
  // Node stops reading by itself: nothing else here does.
  await eventually(() => arrived() > 0 && socket.isPaused());
  expect(connection.isHeld).toBe(true);
  connection.resume();
  expect(socket.isPaused()).toBe(true);
  expect(arrived()).toBeLessThan(sent);

  client.resume();
  await eventually(() => arrived() === sent && socket.writableLength === 0);
  expect(connection.isHeld).toBe(false);
  client.destroy();
});
