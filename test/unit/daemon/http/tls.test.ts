/** The API over TLS: all of it, and no more than that, however handshakes go. */

import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { Agent, request } from 'node:https';
import { type AddressInfo, connect as connectPlain, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import type { IncomingMessage } from 'node:http';
import type { Issued } from '../../../../src/cli/ca/certificates.js';
import { loadLimitDefaults } from '../../../../src/daemon/http/load-limits.js';
import { listenerOptions, renewContext } from '../../../../src/daemon/tls/listener.js';
import { ApiServer } from '../../../helpers/api-server.js';
import { TestAuthority } from '../../../helpers/authority.js';
import { eventually } from '../../../helpers/eventually.js';

let authority: TestAuthority;
let other: TestAuthority;
let client: Issued;
let server: ApiServer;
const sockets: (Socket | TLSSocket)[] = [];
beforeAll(async () => {
  [authority, other] = await Promise.all([TestAuthority.make(), TestAuthority.make()]);
  client = await authority.forClient('ci');
  server = await start('request');
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});
afterAll(() => server.stop());

const limits = { ...loadLimitDefaults, connections: { total: 4, perAddress: 4 } };
const start = async (clientAuth: 'request' | 'require') =>
  ApiServer.start({ limits }, listenerOptions(await authority.materialOf('one'), clientAuth));

const portOf = ({ web }: ApiServer): number => (web.server.address() as AddressInfo).port;

async function secure(options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ port: portOf(server), host: '127.0.0.1', ca: authority.certificate, ...options });
  sockets.push(socket);
  await once(socket, 'secureConnect');
  return socket.on('error', () => undefined);
}

function plain(): Socket {
  const socket = connectPlain(portOf(server), '127.0.0.1');
  sockets.push(socket);
  return socket.on('error', () => undefined);
}

async function get(path: string, options: ConnectionOptions = {}, agent?: Agent): Promise<IncomingMessage> {
  const all = { port: portOf(server), path, ca: authority.certificate, agent: agent ?? false, ...options };
  const outgoing = request(all).end();
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  return response;
}

/** Asks over a connection that stays open. */
async function load(agent: Agent): Promise<{ connections: number; refused: object }> {
  const answer = JSON.parse(await text(await get('/status', {}, agent))) as {
    load: { connections: number; refused: object };
  };
  return answer.load;
}

it('answers what it answers without TLS, hot routes, batches and offers of other protocols', async () => {
  expect((await get('/livez')).statusCode).toBe(200);
  expect((await get('/nothing')).statusCode).toBe(404);
  const socket = await secure();
  const offer = 'GET /livez HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n';
  socket.write(offer + 'GET /livez HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(100));
  let answers = '';
  socket.on('data', (data: Buffer) => (answers += data.toString('latin1')));
  await eventually(() => answers.split('HTTP/1.1 200').length === 102);
});

it('speaks TLS 1.2 and 1.3, and nothing older', async () => {
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const)
    expect((await secure({ minVersion: version, maxVersion: version })).getProtocol()).toBe(version);
  const old = { minVersion: 'TLSv1' as const, maxVersion: 'TLSv1.1' as const, ciphers: 'DEFAULT@SECLEVEL=0' };
  await expect(secure(old)).rejects.toThrow(/alert protocol version/i);
});

it('counts connections whose handshake is under way, and lets go of those that are cut off', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: authority.certificate });
  await eventually(async () => (await load(agent)).connections === 1);
  const idle = [plain(), plain(), plain()];
  await Promise.all(idle.map((socket) => once(socket, 'connect')));
  // The beginning of a handshake.
  for (const socket of idle) socket.write(Buffer.from('160301020001', 'hex'));
  await eventually(async () => (await load(agent)).connections === 4);
  const refused = await secure();
  refused.write('GET /status HTTP/1.1\r\nHost: a\r\n\r\n');
  const [answer] = (await once(refused, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 503 [^]*OVERLOADED[^]*too many connections/);
  await once(refused, 'close');
  for (const socket of idle) socket.destroy();
  await eventually(async () => (await load(agent)).connections === 1);
  expect((await load(agent)).refused).toMatchObject({ connections: 1 });
  agent.destroy();
});

it('closes what is no handshake, and says so', async () => {
  const socket = plain();
  socket.write('GET /livez HTTP/1.1\r\nHost: a\r\n\r\n');
  await once(socket.resume(), 'close');
  const failed = server.logged.filter(({ message }) => message === 'a TLS handshake failed');
  expect(failed.at(-1)).toMatchObject({ level: 'warn', fields: { reason: 'ERR_SSL_HTTP_REQUEST' } });
});

it('takes a new certificate without closing what is open', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: authority.certificate });
  const before = await get('/livez', {}, agent);
  const { localPort } = before.socket;
  await text(before);
  renewContext(server.web.server, await other.materialOf('one'));
  const after = await get('/livez', {}, agent);
  expect([after.statusCode, after.socket.localPort]).toEqual([200, localPort]);
  await text(after);
  await expect(get('/livez')).rejects.toThrow(/self-signed certificate/);
  expect((await get('/livez', { ca: other.certificate })).statusCode).toBe(200);
  renewContext(server.web.server, await authority.materialOf('one'));
  agent.destroy();
});

it('refuses clients without a certificate of the CA if it is to', async () => {
  const strict = await start('require');
  const port = portOf(strict);
  const { certificate: cert, key } = client;
  expect((await get('/livez', { port, cert, key })).statusCode).toBe(200);
  await expect(get('/livez', { port })).rejects.toThrow(/certificate required/);
  const alien = await other.forClient('ci');
  await expect(get('/livez', { port, cert: alien.certificate, key: alien.key })).rejects.toThrow();
  await strict.stop();
});
