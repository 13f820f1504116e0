/** The sockets of DNS, and their limits. */

import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type DnsServer, type DnsSettings, serveDns } from '../../../../../src/daemon/surfaces/dns/server.js';
import { TcpConnections, tcpLimits } from '../../../../../src/daemon/surfaces/dns/tcp.js';
import { ApiServer } from '../../../../helpers/api-server.js';
import { askTcp, askUdp, decodeAnswer, encodeQuery } from '../../../../helpers/dns-client.js';
import { logOf } from '../../../../helpers/log.js';

let api: ApiServer;
beforeAll(async () => {
  api = await ApiServer.start();
});
afterAll(() => api.stop());

const servers: DnsServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function serve(settings: Partial<DnsSettings> = {}): Promise<number> {
  const log = logOf((line) => api.logged.push(line));
  const context = { counts: api.surfaceCounts, log };
  const server = await serveDns(api.daemon, { host: '127.0.0.1', port: 0, domain: 'bender', ...settings }, context);
  servers.push(server);
  return server.status.port;
}

const query = encodeQuery({ name: 'bender', type: 'SOA' });
const framed = Buffer.concat([Buffer.from([0, query.length]), query]);

/** How many whole answers come before the connection ends. */
async function answersUntilEnd(socket: Socket): Promise<number> {
  let bytes = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => (bytes = Buffer.concat([bytes, chunk])));
  await once(socket, 'close');
  let count = 0;
  for (let at = 0; at < bytes.length; at += 2 + bytes.readUInt16BE(at)) count++;
  return count;
}

it('answers by UDP and TCP at one port', async () => {
  const port = await serve();
  expect(decodeAnswer(await askUdp(port, query)).rcode).toBe('NOERROR');
  expect(decodeAnswer(await askTcp(port, query)).rcode).toBe('NOERROR');
});

it('says where it cannot listen', async () => {
  const port = await serve();
  await expect(serve({ port })).rejects.toThrow(
    `cannot listen for DNS on 127.0.0.1:${port}: another program does already`,
  );
});

it('answers queries that arrive together, or byte by byte, in order', async () => {
  const socket = connect(await serve(), '127.0.0.1');
  const answers = answersUntilEnd(socket);
  socket.write(Buffer.concat([framed, framed]));
  for (const byte of framed) socket.write(Buffer.from([byte]));
  socket.end();
  expect(await answers).toBe(3);
});

it('answers one query of a connection in a turn, however many arrive together', async () => {
  let [answered, before, most] = [0, 0, 0];
  const connections = new TcpConnections((message) => {
    answered++;
    return message;
  });
  const listener = createServer({ allowHalfOpen: true }, (socket) => connections.accept(socket));
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const turn = (): void => {
    most = Math.max(most, answered - before);
    before = answered;
    next = setImmediate(turn);
  };
  let next = setImmediate(turn);
  try {
    const socket = connect((listener.address() as AddressInfo).port, '127.0.0.1');
    const answers = answersUntilEnd(socket);
    socket.end(Buffer.concat(Array<Buffer>(100).fill(framed)));
    expect([await answers, most]).toEqual([100, 1]);
  } finally {
    clearImmediate(next);
    listener.close();
  }
});

it('closes a connection after its last query', async () => {
  const socket = connect(await serve({ tcp: { ...tcpLimits, queries: 2 } }), '127.0.0.1');
  socket.write(Buffer.concat([framed, framed, framed]));
  expect(await answersUntilEnd(socket)).toBe(2);
});

it('closes a connection that sends bytes and no query', async () => {
  const socket = connect(await serve({ tcp: { ...tcpLimits, idleMs: 100 } }), '127.0.0.1');
  const trickle = setInterval(() => socket.write(Buffer.from([1])), 20);
  // The byte that meets the closed end resets the connection, and `once` would reject then.
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('close', resolve));
  clearInterval(trickle);
});

it('keeps a connection for as long as it asks', async () => {
  const socket = connect(await serve({ tcp: { ...tcpLimits, idleMs: 300, queries: Infinity } }), '127.0.0.1');
  const begun = performance.now();
  // As often as it takes for more than one idle time to pass.
  while (performance.now() - begun < 700) {
    socket.write(framed);
    await once(socket, 'data', { signal: AbortSignal.timeout(5000) });
  }
  expect(socket.closed).toBe(false);
  socket.destroy();
});

it('closes connections beyond those of one address', async () => {
  const port = await serve({ tcp: { ...tcpLimits, perAddress: 1 } });
  const first = connect(port, '127.0.0.1');
  first.write(framed);
  await once(first, 'data');
  const second = connect(port, '127.0.0.1');
  second.on('error', () => undefined);
  second.write(framed);
  expect(await answersUntilEnd(second)).toBe(0);
  first.destroy();
});

it('closes what sends junk', async () => {
  const socket = connect(await serve(), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(Buffer.from([0, 1, 1]));
  expect(await answersUntilEnd(socket)).toBe(0);
});

it('closes open connections when it ends', async () => {
  const socket = connect(await serve(), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(framed);
  await once(socket, 'data');
  const closed = once(socket, 'close');
  await servers.pop()!.close();
  await closed;
});
