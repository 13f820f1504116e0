import { afterEach, expect, it } from '@jest/globals';
import fastify from 'fastify';
import type { AddressInfo } from 'node:net';
import { benderService, type ServiceOptions } from '../../../src/client/fastify.js';
import { InvalidError } from '../../../src/model/errors.js';
import { fakeClient } from '../../helpers/fake-registrar.js';

const ends: (() => Promise<unknown>)[] = [];
afterEach(() => Promise.all(ends.splice(0).map((end) => end())));

async function setUp(options: Partial<ServiceOptions> = {}) {
  const { registrar, client } = fakeClient();
  const app = fastify();
  ends.push(() => app.close());
  app.get('/', async () => 'hello');
  await app.register(benderService, { client, app: 'web', version: '1.2.0', signals: [], drainForMs: 0, ...options });
  return { registrar, app };
}

it('registers the app where it listens, and not before', async () => {
  const { registrar, app } = await setUp();
  await app.ready();
  expect(registrar.calls).toEqual([]);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { id } = await app.bender.ready;
  expect(id).toBe(`web/1.2.0/127.0.0.1/${(app.server.address() as AddressInfo).port}`);
  expect(registrar.calls).toEqual(['register 0']);
});

it('is there for the whole app, and not for the plugins below the one that registered it', async () => {
  const { app } = await setUp();
  let seen: unknown;
  await app.register(async (below) => (seen = below.bender));
  await app.ready();
  expect(seen).toBe(app.bender);
});

it('drains, deregisters and closes the app by stop', async () => {
  const { registrar, app } = await setUp();
  await app.listen({ host: '127.0.0.1', port: 0 });
  await app.bender.ready;
  await app.bender.stop('too old');
  expect(registrar.calls).toEqual(['register 0', 'draining:true too old 0', 'deregister 0']);
  expect(app.server.listening).toBe(false);
});

it('has connections end with the next response while it drains', async () => {
  const { app } = await setUp({ drainForMs: 60_000 });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const service = await app.bender.ready;
  expect((await fetch(url)).headers.get('connection')).toBe('keep-alive');
  const stopped = service.stop();
  const response = await fetch(url);
  expect(response.headers.get('connection')).toBe('close');
  expect(await response.text()).toBe('hello');
  service.hurry();
  await stopped;
});

it('deregisters when the program closes the app', async () => {
  const { registrar, app } = await setUp({ signals: ['SIGTERM'] });
  await app.listen({ host: '127.0.0.1', port: 0 });
  await app.bender.ready;
  expect(process.listenerCount('SIGTERM')).toBe(1);
  await app.close();
  expect(registrar.calls).toEqual(['register 0', 'deregister 0']);
  expect(process.listenerCount('SIGTERM')).toBe(0);
});

it('leaves nothing registered if the program closes the app as soon as it listens', async () => {
  const { registrar, app } = await setUp();
  await app.listen({ host: '0.0.0.0', port: 0 });
  await app.close();
  await (
    await app.bender.ready
  ).closed;
  expect(registrar.calls.at(-1)).toMatch('deregister');
});

it('registers nothing if the app cannot listen, and ends by stop then', async () => {
  const { registrar, app } = await setUp();
  const other = await setUp();
  await other.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = other.app.server.address() as AddressInfo;
  await expect(app.listen({ host: '127.0.0.1', port })).rejects.toThrow('EADDRINUSE');
  await app.bender.stop();
  expect(registrar.calls).toEqual([]);
});

it('says that it was refused, and goes on listening', async () => {
  const { registrar, app } = await setUp();
  registrar.failures = [new InvalidError('ttl')];
  await app.listen({ host: '127.0.0.1', port: 0 });
  await expect(app.bender.ready).rejects.toThrow(InvalidError);
  expect(app.server.listening).toBe(true);
});
