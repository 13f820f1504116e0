import { afterEach, expect, it, jest } from '@jest/globals';
import { once } from 'node:events';
import { Agent, createServer, request, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { runService, type RunServiceOptions, type Service } from '../../../src/client/node-http.js';
import { eventually } from '../../helpers/eventually.js';
import { InvalidError } from '../../../src/model/errors.js';
import { fakeClient, unreachable } from '../../helpers/fake-registrar.js';

const begun: Server[] = [];
const services: Service[] = [];
afterEach(async () => {
  await Promise.all(services.splice(0).map((service) => service.deregister()));
  for (const server of begun.splice(0)) server.close().closeAllConnections();
});

async function setUp(listener: RequestListener, options: Partial<RunServiceOptions> = {}) {
  const { registrar, client } = fakeClient();
  const server = createServer(listener);
  begun.push(server);
  const listen = { host: '127.0.0.1', port: 0 };
  const service = await runService(server, { client, app: 'web', version: '1.2.0', listen, signals: [], ...options });
  services.push(service);
  const { port } = server.address() as AddressInfo;
  return { registrar, server, service, port };
}

async function get(port: number, agent: Agent, path = '/'): Promise<IncomingMessage> {
  const outgoing = request({ host: '127.0.0.1', port, agent, path }).end();
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  return response;
}

it('registers where the server listens, once it does', async () => {
  const { service, port, registrar } = await setUp((_, response) => response.end());
  expect(service.id).toBe(`web/1.2.0/127.0.0.1/${port}`);
  expect(registrar.calls).toEqual(['register 0']);
});

it('waits for a server that the program has told to listen', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  begun.push(server);
  const { client } = fakeClient();
  const service = await runService(server, { client, app: 'web', version: '1.2.0', signals: [] });
  services.push(service);
  expect(service.address.port).toBe((server.address() as AddressInfo).port);
});

it('registers nothing if the server cannot listen, and leaves no listener for signals', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  begun.push(taken);
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const { registrar, client } = fakeClient();
  const listen = { host: '127.0.0.1', port };
  await expect(runService(createServer(), { client, app: 'web', version: '1', listen })).rejects.toThrow('EADDRINUSE');
  expect(registrar.calls).toEqual([]);
  expect(process.listenerCount('SIGTERM')).toBe(0);
});

it('rejects if a daemon refuses the registration, and leaves the server and the signals alone', async () => {
  const { registrar, client } = fakeClient();
  registrar.failures = [new InvalidError('ttl')];
  const server = createServer();
  begun.push(server);
  const listen = { host: '127.0.0.1', port: 0 };
  await expect(runService(server, { client, app: 'web', version: '1', listen })).rejects.toThrow(InvalidError);
  expect(server.listening).toBe(true);
  expect(process.listenerCount('SIGTERM')).toBe(0);
});

it('serves while no daemon can be reached, and is stopped like any other then', async () => {
  const { registrar, client } = fakeClient();
  registrar.failures = Array<Error>(9).fill(unreachable);
  const server = createServer((_, response) => response.end());
  begun.push(server);
  const running = runService(server, { client, app: 'web', version: '1', listen: { host: '127.0.0.1', port: 0 } });
  await eventually(() => process.listenerCount('SIGTERM') === 1);
  const agent = new Agent();
  expect((await get((server.address() as AddressInfo).port, agent)).statusCode).toBe(200);
  const ends = jest.spyOn(process, 'kill').mockReturnValue(true);
  process.emit('SIGTERM', 'SIGTERM');
  const service = await running;
  await service.closed;
  expect(server.listening).toBe(false);
  await eventually(() => ends.mock.calls.length === 1);
  expect(ends).toHaveBeenCalledWith(process.pid, 'SIGTERM');
  ends.mockRestore();
});

it('has callers with kept connections leave while it drains, also those whose request is under way', async () => {
  const waiting: (() => void)[] = [];
  const listener: RequestListener = ({ url }, response) => {
    if (url === '/slow') waiting.push(() => response.end());
    else response.end();
  };
  const { port, service } = await setUp(listener, { drainForMs: 60_000 });
  const agent = new Agent({ keepAlive: true });
  expect((await get(port, agent)).headers.connection).toBe('keep-alive');
  const slow = get(port, agent, '/slow');
  await eventually(() => waiting[0]);
  const stopped = service.stop();
  waiting[0]!();
  expect((await slow).headers.connection).toBe('close');
  expect((await get(port, agent)).headers.connection).toBe('close');
  service.hurry();
  await stopped;
  agent.destroy();
});

it('lets a request that is under way end, then closes the idle connections and the server', async () => {
  const waiting: (() => void)[] = [];
  // Its headers are sent before the drain, so that it cannot say that the connection ends.
  const { port, service, server } = await setUp(
    (_, response) => {
      response.write('begun');
      waiting.push(() => response.end());
    },
    { drainForMs: 0 },
  );
  const agent = new Agent({ keepAlive: true });
  const slow = get(port, agent);
  await eventually(() => waiting[0]);
  const stopped = service.stop();
  await eventually(() => !server.listening);
  waiting[0]!();
  await slow;
  await stopped;
  agent.destroy();
});

it('ends connections that were there before it was told of the server', async () => {
  const server = createServer(() => undefined).listen(0, '127.0.0.1');
  begun.push(server);
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
  await once(server, 'request');
  const { client } = fakeClient();
  const options = { client, app: 'web', version: '1.2.0', signals: [], drainForMs: 0, closeWithinMs: 50 };
  const service = await runService(server, options);
  const closed = once(socket, 'close');
  await service.stop();
  await closed;
});

it('registers nothing that stays if the program closes its server while its address is looked up', async () => {
  const server = createServer().listen(0, '0.0.0.0');
  await once(server, 'listening');
  const { registrar, client } = fakeClient();
  const running = runService(server, { client, app: 'web', version: '1.2.0', signals: [] });
  server.close();
  await (
    await running
  ).closed;
  expect(registrar.calls.at(-1)).toMatch('deregister');
});

it('ends connections that are left, also those that are no longer HTTP', async () => {
  const { port, service, server } = await setUp((_, response) => response.end(), { drainForMs: 0, closeWithinMs: 50 });
  server.on('upgrade', (_, socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n'));
  const socket = connect(port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n');
  await once(socket, 'data');
  const closed = once(socket, 'close');
  await service.stop();
  await closed;
});

it('deregisters if the program closes its server by itself', async () => {
  const { server, service, registrar } = await setUp((_, response) => response.end());
  server.close();
  await service.closed;
  expect(registrar.calls.at(-1)).toMatch('deregister');
});
