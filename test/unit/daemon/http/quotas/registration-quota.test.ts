import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Transition } from '../../../../../src/crdt/transition.js';
import type { Status } from '../../../../../src/model/daemon.js';
import { loadLimitDefaults, type LoadLimits } from '../../../../../src/daemon/http/load-limits.js';
import { Usage } from '../../../../../src/daemon/http/quotas/usage.js';
import { asId } from '../../../../../src/model/registration.js';
import { type Answered, ApiServer, type RequestOptions } from '../../../../helpers/api-server.js';
import { eventually } from '../../../../helpers/eventually.js';
import { bearer, TestSource, type TestToken, testToken } from '../../../../helpers/tokens.js';

const three = testToken({ role: 'write', name: 'three', maxRegistrations: 3 });
const small = testToken({ role: 'write', name: 'small', maxMetaBytes: 100 });
const free = testToken({ role: 'write', name: 'free' });
const reader = testToken({ role: 'read', name: 'reader' });

let server: ApiServer;
afterEach(() => server.stop());

let tokens: TestSource;
async function start(limits: Partial<LoadLimits> = {}): Promise<void> {
  tokens = new TestSource([three, small, free, reader]);
  server = await ApiServer.start({ tokens, limits: { ...loadLimitDefaults, ...limits } });
}

const by = ({ token }: TestToken, more: RequestOptions = {}): RequestOptions => ({ ...more, headers: bearer(token) });
const put = (path: string, token: TestToken): Promise<Answered> => server.ask('PUT', path, by(token));
const register = (port: number, token: TestToken, options: object = {}): Promise<Answered> =>
  server.ask('POST', '/registrations', by(token, { body: { app: 'web', version: '1', host: 'h', port, ...options } }));

const refused = (message: RegExp): object => ({
  status: 429,
  headers: { 'retry-after': '5' },
  body: { code: 'QUOTA_EXCEEDED', message: expect.stringMatching(message) },
});
const refusals = async (): Promise<unknown> =>
  ((await server.ask('GET', '/status', by(reader))).body as Status).load!.refused;

/** `[from, from + 1, ...]`. */
const ports = (from: number, count: number): number[] => Array.from({ length: count }, (_, index) => from + index);

describe('the registrations of a token', () => {
  it('are refused beyond its quota, and nothing is registered then', async () => {
    await start();
    for (const port of ports(1, 3)) expect(await register(port, three)).toMatchObject({ status: 201 });
    expect(await register(4, three)).toMatchObject(refused(/^the token 'three' has 3 registrations, and may have 3$/));
    expect(await server.ask('POST', '/registrations/web/1/h/4', by(three))).toMatchObject(refused(/may have 3/));
    expect(server.daemon.registrations({ app: 'web' }).map(({ port }) => port)).toEqual([1, 2, 3]);
    expect(await refusals()).toEqual({ registrationsOfToken: 2 });
    expect(await register(4, free)).toMatchObject({ status: 201 });
  });

  it('can be renewed, changed and registered again at their quota, in every way', async () => {
    await start();
    for (const port of ports(1, 3)) await register(port, three);
    expect(await put('/registrations/web/1/h/1/lease', three)).toMatchObject({ status: 204 });
    expect(await server.ask('POST', '/registrations/web/1/h/1', by(three))).toMatchObject({ status: 204 });
    expect(await register(1, three)).toMatchObject({ status: 200 });
    expect(await register(1, three, { ttl: 60_000, meta: { a: 1 } })).toMatchObject({ status: 200 });
    const ids = ports(1, 3).map((port) => `web/1/h/${port}`);
    expect(await server.ask('POST', '/renewals', by(three, { body: { ids } }))).toMatchObject({
      body: { renewed: 3 },
    });
    expect(await refusals()).toEqual({});
  });

  it('can be of another version at the same address', async () => {
    await start();
    for (const port of ports(1, 3)) await register(port, three);
    expect(await register(3, three, { version: '2' })).toMatchObject({ status: 201 });
    expect(await register(3, three, { version: '3' })).toMatchObject({ status: 201 });
    expect(await register(4, three, { version: '3' })).toMatchObject({ status: 429 });
    expect(server.daemon.registrations({ app: 'web' })).toHaveLength(3);
  });

  it('make room when they are deregistered or expire', async () => {
    await start();
    for (const port of ports(1, 3)) await register(port, three, { ttl: port === 3 ? 1000 : 60_000 });
    expect(await register(4, three)).toMatchObject({ status: 429 });
    await server.ask('DELETE', '/registrations/web/1/h/1', by(three));
    expect(await register(4, three, { ttl: 60_000 })).toMatchObject({ status: 201 });
    expect(await register(5, three)).toMatchObject({ status: 429 });
    await eventually(() => server.daemon.registration('web/1/h/3') === undefined);
    expect(await register(5, three)).toMatchObject({ status: 201 });
    expect(await register(6, three)).toMatchObject({ status: 429 });
  });

  it('count while they are unhealthy, and after that', async () => {
    await start();
    for (const port of ports(1, 3)) await register(port, three);
    for (const unhealthy of ['x', null]) {
      const options = by(three, { body: { unhealthy } });
      expect(await server.ask('PUT', '/registrations/web/1/h/1/health', options)).toMatchObject({ status: 204 });
      expect(await register(4, three)).toMatchObject({ status: 429 });
    }
  });

  it('make room when they end unhealthy', async () => {
    await start();
    await register(1, three, { ttl: 60_000 });
    for (const port of [2, 3]) await register(port, three, { unhealthy: 'starts', ttl: port === 3 ? 1000 : 60_000 });
    expect(await register(4, three)).toMatchObject({ status: 429 });
    await server.ask('DELETE', '/registrations/web/1/h/2', by(three));
    expect(await register(4, three, { ttl: 60_000 })).toMatchObject({ status: 201 });
    expect(await register(5, three)).toMatchObject({ status: 429 });
    await eventually(() => server.daemon.held === 2);
    expect(await register(5, three)).toMatchObject({ status: 201 });
    expect(await register(6, three)).toMatchObject({ status: 429 });
  });

  it('make room though no event tells of their end, as at a daemon that is not synced', async () => {
    await start();
    jest.spyOn(server.daemon.events, 'append').mockReturnValue();
    for (const port of ports(1, 3)) await register(port, three);
    await server.ask('DELETE', '/registrations/web/1/h/1', by(three));
    expect(await register(4, three)).toMatchObject({ status: 201 });
    expect(await register(5, three)).toMatchObject({ status: 429 });
  });

  it('are those that it registered last', async () => {
    await start();
    for (const port of ports(1, 3)) await register(port, three);
    // Another token that is for the app has one of them now.
    await register(1, free);
    expect(await register(4, three)).toMatchObject({ status: 201 });
    expect(await register(5, three)).toMatchObject({ status: 429 });
  });

  it('are counted on when the tokens file changes, with the quota that it has then', async () => {
    await start();
    for (const port of ports(1, 3)) await register(port, three);
    const four = { ...three, record: { ...three.record, maxRegistrations: 4 } };
    tokens.replace([four, small, free, reader]);
    expect(await register(4, three)).toMatchObject({ status: 201 });
    expect(await register(5, three)).toMatchObject(refused(/has 4 registrations, and may have 4/));
    tokens.replace([three, small, free, reader]);
    expect(await register(5, three)).toMatchObject(refused(/has 4 registrations, and may have 3/));
    expect(await register(4, three)).toMatchObject({ status: 200 });
  });

  it('may be registered elsewhere: to register them here again is a renewal', async () => {
    await start();
    for (const port of ports(1, 3)) await register(port, three);
    server.daemon.register({ app: 'web', version: '1', host: 'h', port: 9 }, { meta: { text: 'x'.repeat(200) } });
    expect(await register(9, three)).toMatchObject({ status: 200 });
    expect(await register(9, small, { meta: { text: 'x'.repeat(200) } })).toMatchObject({ status: 200 });
  });
});

describe('the metadata of a token', () => {
  // {"a":"…"} has 8 bytes beside the text.
  const bytes = (count: number) => ({ meta: { a: 'x'.repeat(count - 8) } });

  it('is refused beyond its quota, and stays as it was', async () => {
    await start();
    expect(await register(1, small, bytes(60))).toMatchObject({ status: 201 });
    expect(await register(2, small, bytes(41))).toMatchObject(
      refused(/^the registrations of the token 'small' would have 101 bytes of metadata, and may have 100$/),
    );
    expect(server.daemon.registration('web/1/h/2')).toBeUndefined();
    expect(await register(2, small, bytes(40))).toMatchObject({ status: 201 });
    expect(await register(2, small, bytes(41))).toMatchObject(refused(/101/));
    expect(server.daemon.registration('web/1/h/2')!.meta).toEqual(bytes(40).meta);
    expect(await register(3, small)).toMatchObject({ status: 201 });
    expect(await refusals()).toEqual({ metaBytesOfToken: 2 });
  });

  it('may become less, or stay, at its quota, and makes room then', async () => {
    await start();
    await register(1, small, bytes(60));
    await register(2, small, bytes(40));
    expect(await register(1, small, bytes(60))).toMatchObject({ status: 200 });
    expect(await register(1, small)).toMatchObject({ status: 200 });
    expect(await register(3, small, bytes(8))).toMatchObject({ status: 429 });
    expect(await register(1, small, bytes(50))).toMatchObject({ status: 200 });
    expect(await register(3, small, bytes(11))).toMatchObject({ status: 429 });
    expect(await register(3, small, bytes(10))).toMatchObject({ status: 201 });
    await server.ask('DELETE', '/registrations/web/1/h/2', by(small));
    expect(await register(4, small, bytes(40))).toMatchObject({ status: 201 });
  });

  it('of another version at the same address takes the room of what it replaces', async () => {
    await start();
    expect(await register(1, small, bytes(60))).toMatchObject({ status: 201 });
    expect(await register(1, small, { version: '2', ...bytes(60) })).toMatchObject({ status: 201 });
    expect(await register(1, small, { version: '3', ...bytes(100) })).toMatchObject({ status: 201 });
    expect(await register(1, small, { version: '4', ...bytes(101) })).toMatchObject(refused(/would have 101 bytes/));
    expect(await register(2, small, bytes(10))).toMatchObject({ status: 429 });
  });

  it('of a version that another token or daemon has registered may stay as it was in the next one', async () => {
    await start();
    await register(1, small, bytes(60));
    await register(2, free, bytes(60));
    expect(await register(2, small, { version: '2', ...bytes(61) })).toMatchObject(refused(/would have 121 bytes/));
    expect(await register(2, small, { version: '2', ...bytes(60) })).toMatchObject({ status: 201 });
    server.daemon.register({ app: 'web', version: '1', host: 'h', port: 9 }, bytes(200));
    expect(await register(9, small, { version: '2', ...bytes(200) })).toMatchObject({ status: 201 });
  });

  it('may stay as it is while it is unhealthy', async () => {
    await start();
    server.daemon.register({ app: 'web', version: '1', host: 'h', port: 9 }, { unhealthy: 'x', ...bytes(200) });
    expect(await register(9, small, { unhealthy: 'x', ...bytes(201) })).toMatchObject({ status: 429 });
    expect(await register(9, small, { unhealthy: 'x', ...bytes(200) })).toMatchObject({ status: 200 });
  });

  it('of another token that it changes is its own from then on', async () => {
    await start();
    await register(1, small, bytes(60));
    await register(2, free, bytes(60));
    expect(await register(2, small, bytes(61))).toMatchObject(refused(/would have 121 bytes/));
    await register(1, small, bytes(30));
    expect(await register(2, small, bytes(61))).toMatchObject({ status: 200 });
    expect(await register(3, small, bytes(10))).toMatchObject({ status: 429 });
  });

  it('counts bytes, not characters', async () => {
    await start();
    expect(await register(1, small, { meta: { a: 'ä'.repeat(47) } })).toMatchObject(refused(/102 bytes/));
    expect(await register(1, small, { meta: { a: 'ä'.repeat(46) } })).toMatchObject({ status: 201 });
  });
});

describe('a daemon', () => {
  it('holds so many registrations, of all callers together, and refuses no renewal', async () => {
    await start({ registrations: 2 });
    server.daemon.register({ app: 'web', version: '1', host: 'h', port: 1 }, {});
    expect(await register(2, free)).toMatchObject({ status: 201 });
    expect(await register(3, free)).toMatchObject(refused(/^this daemon holds 2 registrations, and may hold 2$/));
    expect(await put('/registrations/web/1/h/1/lease', free)).toMatchObject({ status: 204 });
    expect(await register(1, free, { ttl: 60_000 })).toMatchObject({ status: 200 });
    expect(await register(2, free, { version: '2' })).toMatchObject({ status: 201 });
    expect(await refusals()).toEqual({ registrations: 1 });
  });

  it('has so much metadata, from all callers together', async () => {
    await start({ metaBytes: 100 });
    const meta = { a: 'x'.repeat(52) };
    expect(await register(1, free, { meta })).toMatchObject({ status: 201 });
    expect(await register(2, three, { meta })).toMatchObject(
      refused(/^the registrations of this daemon would have 120 bytes of metadata, and may have 100$/),
    );
    expect(await register(1, free, { meta })).toMatchObject({ status: 200 });
    expect(await register(1, free, { meta: { a: 'x'.repeat(60) } })).toMatchObject({ status: 200 });
    expect(await register(2, three)).toMatchObject({ status: 201 });
    await server.ask('DELETE', '/registrations/web/1/h/1', by(free));
    expect(await register(2, three, { meta })).toMatchObject({ status: 200 });
    expect(await refusals()).toEqual({ metaBytes: 1 });
    // What is registered elsewhere with as much is only registered again.
    server.daemon.register({ app: 'web', version: '1', host: 'h', port: 9 }, { meta });
    expect(await register(9, free, { meta })).toMatchObject({ status: 200 });
    expect(await register(9, free, { meta: { a: 'x'.repeat(53) } })).toMatchObject({ status: 429 });
    expect(await register(9, free, { version: '2', meta })).toMatchObject({ status: 201 });
    expect(await register(9, free, { version: '3', meta: { a: 'x'.repeat(53) } })).toMatchObject({ status: 429 });
  });

  it('bounds callers without tokens, too, where there are none', async () => {
    server = await ApiServer.start({ limits: { ...loadLimitDefaults, metaBytes: 100, registrations: 2 } });
    const ask = (port: number, meta: object): Promise<Answered> =>
      server.ask('POST', `/registrations/web/1/h/${port}`, { body: { meta } });
    expect(await ask(1, { a: 'x'.repeat(92) })).toMatchObject({ status: 200 });
    expect(await ask(2, { a: 1 })).toMatchObject({ status: 429, body: { code: 'QUOTA_EXCEEDED' } });
    expect(await ask(2, {})).toMatchObject({ status: 200 });
    expect(await ask(3, {})).toMatchObject({ status: 429, body: { code: 'QUOTA_EXCEEDED' } });
  });
});

it('keeps nothing for a token that has nothing any more', () => {
  const usage = new Usage();
  const [first, second] = [asId('web/1/h/1'), asId('web/1/h/2')];
  usage.set(first, 'a', 10);
  usage.set(second, undefined, 5);
  usage.set(asId('web/1/h/3'), undefined, 0);
  expect([usage.of('a'), usage.metaBytes]).toEqual([{ registrations: 1, metaBytes: 10 }, 15]);
  usage.set(first, 'b', 20);
  expect([usage.of('b'), usage.metaBytes]).toEqual([{ registrations: 1, metaBytes: 20 }, 25]);
  expect(usage.of('a')).toBe(usage.of('never'));
  usage.delete(first);
  usage.delete(second);
  usage.delete(second);
  expect([usage.of('b'), usage.metaBytes]).toEqual([{ registrations: 0, metaBytes: 0 }, 0]);
});

it('makes no event that nobody watches', async () => {
  const toEvent = jest.spyOn(Transition.prototype, 'toEvent');
  await start();
  expect(await register(1, free, { meta: { a: 1 } })).toMatchObject({ status: 201 });
  expect(await server.ask('DELETE', '/registrations/web/1/h/1', by(free))).toMatchObject({ status: 204 });
  expect(toEvent).not.toHaveBeenCalled();
  toEvent.mockRestore();
});

it('logs refusals with the token and the address', async () => {
  await start();
  for (const port of ports(1, 5)) await register(port, three);
  const lines = server.logged.filter(({ message }) => message.startsWith('refused a registration'));
  expect(lines[0]).toMatchObject({ level: 'warn', fields: { token: 'three', client: '127.0.0.1', count: 1 } });
});
