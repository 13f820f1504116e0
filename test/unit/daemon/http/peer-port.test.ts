/** A port of their own for peers: what is there, and no longer where clients are. */

import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { createExpressServer } from '../../../../src/daemon/http/server.js';
import type { Frame } from '../../../../src/daemon/core/replication/frame.js';
import { StreamTransport } from '../../../../src/daemon/peer/stream-transport.js';
import { ApiServer } from '../../../helpers/api-server.js';

let peerServer: Server;
let server: ApiServer;
let peerUrl: string;
const transport = new StreamTransport();
beforeAll(async () => {
  peerServer = createExpressServer().server.listen(0, '127.0.0.1');
  await once(peerServer, 'listening');
  peerUrl = `http://127.0.0.1:${(peerServer.address() as AddressInfo).port}`;
  server = await ApiServer.start({ peerServer });
});
afterAll(async () => {
  transport.close();
  await server.stop();
  peerServer.close();
  peerServer.closeAllConnections();
});

/** What comes back for the head of a request that asks for a stream. */
async function upgrade(url: string): Promise<string> {
  const { port, host } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1');
  const head = ['GET /peer HTTP/1.1', `Host: ${host}`, 'Upgrade: bender/4', 'Connection: Upgrade, close'];
  socket.write([...head, '', ''].join('\r\n'));
  socket.setTimeout(5000, () => socket.destroy());
  const [first] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return first.toString('latin1').split('\r\n')[0]!;
}

it('takes streams of peers, and clients have none', async () => {
  const frame = { from: { name: 'one' } } as Frame;
  jest.spyOn(server.daemon, 'receive').mockImplementation(() => frame);
  expect(await transport.exchange(peerUrl, frame, 10_000)).toEqual(frame);
  expect([await upgrade(peerUrl), await upgrade(server.url)]).toEqual([
    'HTTP/1.1 101 Switching Protocols',
    'HTTP/1.1 404 Not Found',
  ]);
  await expect(transport.exchange(server.url, frame, 10_000)).rejects.toMatchObject({
    code: 'NOT_FOUND',
    message: expect.stringMatching(/there is nothing at \/peer/),
  });
  expect(await server.ask('GET', '/peer')).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
});

it.each(['/status', '/registrations', '/events', '/livez', '/'])('has no %s', async (path) => {
  const answer = await fetch(peerUrl + path);
  expect([answer.status, await answer.json()]).toEqual([
    404,
    { code: 'NOT_FOUND', message: `there is nothing at ${path}: this port is for daemons` },
  ]);
});

it('says what it is for', async () => {
  const answer = await fetch(`${peerUrl}/peer`);
  expect([answer.status, await text(answer.body!)]).toEqual([
    400,
    expect.stringMatching(/for daemons of this version/),
  ]);
});
