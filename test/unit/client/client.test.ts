import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Client } from '../../../src/client/client.js';
import { ConflictError, InvalidError, NotFoundError, UnreachableError } from '../../../src/model/errors.js';
import type { Answerer } from '../../helpers/fake-daemon.js';
import { FakeDaemon, deadUrl, error, json, silence } from '../../helpers/fake-daemon.js';

const daemon = (answer?: Answerer): Promise<FakeDaemon> => FakeDaemon.start(answer);
afterEach(() => FakeDaemon.stopAll());

const address = { app: 'web', version: '1.2.0', host: '::1', port: 8080 };

describe('each method', () => {
  const calls: [string, (client: Client) => Promise<unknown>, string, unknown?][] = [
    [
      'register',
      (client) => client.register({ ...address, ttl: 4000 }),
      'POST /registrations',
      { ...address, ttl: 4000 },
    ],
    ['renew', (client) => client.renew(address), 'PUT /registrations/web/1.2.0/%3A%3A1/8080/lease'],
    ['renewAll', (client) => client.renewAll(['a/1/h/1']), 'POST /renewals', { ids: ['a/1/h/1'] }],
    [
      'renewAll of instances',
      (client) => client.renewAll([{ id: 'a/1/h/1', instance: 'i' }]),
      'POST /renewals',
      { ids: [{ id: 'a/1/h/1', instance: 'i' }] },
    ],
    ['deregister', (client) => client.deregister(address), 'DELETE /registrations/web/1.2.0/%3A%3A1/8080'],
    [
      'setState',
      (client) => client.setState(address, { draining: true, reason: 'r' }),
      'PUT /registrations/web/1.2.0/%3A%3A1/8080/state',
      { draining: true, reason: 'r' },
    ],
    [
      'setHealth',
      (client) => client.setHealth(address, 'down'),
      'PUT /registrations/web/1.2.0/%3A%3A1/8080/health',
      { unhealthy: 'down' },
    ],
    ['registrations', (client) => client.registrations(), 'GET /registrations'],
    ['of an app', (client) => client.registrations({ app: 'web' }), 'GET /registrations/web'],
    [
      'of a range',
      (client) => client.registrations({ app: 'web', version: '^1.2.0 || 3' }),
      'GET /registrations/web/%5E1.2.0%20%7C%7C%203',
    ],
    ['backends', (client) => client.backends(), 'GET /backends'],
    ['backend', (client) => client.backend('a b'), 'GET /backends/a%20b'],
    [
      'createBackend',
      (client) => client.createBackend({ name: 'b', app: 'web', version: '1' }),
      'POST /backends',
      { name: 'b', app: 'web', version: '1' },
    ],
    ['updateBackend', (client) => client.updateBackend('b', { version: '2' }), 'PUT /backends/b', { version: '2' }],
    [
      'updateBackend, on terms',
      (client) => client.updateBackend('b', { split: { '1': 1 } }, { atLeast: 3 }),
      'PUT /backends/b?at-least=3',
      { split: { '1': 1 } },
    ],
    ['rollbackBackend', (client) => client.rollbackBackend('b'), 'POST /backends/b/rollback'],
    ['history', (client) => client.history(), 'GET /history'],
    ['history of one', (client) => client.history({ backend: 'b&c', limit: 3 }), 'GET /history?backend=b%26c&limit=3'],
    ['deleteBackend', (client) => client.deleteBackend('b'), 'DELETE /backends/b'],
    ['backendRegistrations', (client) => client.backendRegistrations('b'), 'GET /backends/b/registrations'],
    ['frontends', (client) => client.frontends(), 'GET /frontends'],
    ['frontend', (client) => client.frontend('f'), 'GET /frontends/f'],
    ['createFrontend', (client) => client.createFrontend({ name: 'f' }), 'POST /frontends', { name: 'f' }],
    ['updateFrontend', (client) => client.updateFrontend('f', { backend: 'b' }), 'PUT /frontends/f', { backend: 'b' }],
    ['deleteFrontend', (client) => client.deleteFrontend('f'), 'DELETE /frontends/f'],
    ['rollbackFrontend', (client) => client.rollbackFrontend('f'), 'POST /frontends/f/rollback'],
    ['resolve', (client) => client.resolve('f'), 'GET /frontends/f/registrations'],
    ['status', (client) => client.status(), 'GET /status'],
    ['daemons', (client) => client.daemons(), 'GET /daemons'],
    ['forgetDaemon', (client) => client.forgetDaemon('d'), 'DELETE /daemons/d'],
    ['whoAmI', (client) => client.whoAmI(), 'GET /whoami'],
    ['explain', (client) => client.explain('web/1', 'f'), 'GET /explain?registration=web%2F1&frontend=f'],
    ['drainRules.list', (client) => client.drainRules.list(), 'GET /drain-rules'],
    ['drainRules.get', (client) => client.drainRules.get('r'), 'GET /drain-rules/r'],
    [
      'drainRules.create, on terms',
      (client) => client.drainRules.create({ name: 'r', app: 'web' }, { atLeast: 0 }),
      'POST /drain-rules?at-least=0',
      { name: 'r', app: 'web' },
    ],
    [
      'drainRules.update',
      (client) => client.drainRules.update('r', { reason: null }),
      'PUT /drain-rules/r',
      { reason: null },
    ],
    ['drainRules.delete', (client) => client.drainRules.delete('r'), 'DELETE /drain-rules/r'],
    [
      'drainRules.rollback',
      (client) => client.drainRules.rollback('r', { of: 'e' }),
      'POST /drain-rules/r/rollback?of=e',
    ],
  ];

  const cases = calls.map(([name, call, request, body]) => ({ name, call, request, body }));
  it.each(cases)('asks as documented: $name', async ({ call, request, body }) => {
    const { url, asked } = await daemon();
    await call(new Client({ servers: [url] }));
    expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual([request]);
    expect(asked[0]!.body).toEqual(body);
  });

  // The renewal of one lease has the same effect however often it arrives.
  const writes = cases.filter(({ name, request }) => name !== 'renew' && !request.startsWith('GET'));
  it.each(writes)('sends a key with each write, and again with its repetition: $name', async ({ call }) => {
    const [first, second] = [await daemon(silence), await daemon(json(200, {}))];
    await call(new Client({ servers: [first.url, second.url], timeoutMs: 100 }));
    await call(new Client({ servers: [second.url] }));
    const keys = [...first.asked, ...second.asked].map(({ headers }) => headers['idempotency-key']);
    expect(keys).toEqual([expect.any(String), keys[0], expect.any(String)]);
    expect(keys[2]).not.toBe(keys[0]);
  });

  const removals = cases.filter(({ request }) => request.startsWith('DELETE'));
  it.each(removals)('takes it for done that a repeated removal finds nothing: $name', async ({ call }) => {
    const [first, second] = [await daemon(silence), await daemon(error(404, 'NOT_FOUND'))];
    await call(new Client({ servers: [first.url, second.url], timeoutMs: 100 }));
    await expect(call(new Client({ servers: [second.url] }))).rejects.toThrow(NotFoundError);
  });
});

it('sends the author of changes of the catalog, and of nothing else', async () => {
  const { url, asked } = await daemon(json(200, {}));
  const client = new Client({ servers: [url], author: 'Jürgen' });
  await client.deleteFrontend('f');
  await client.rollbackBackend('b');
  await client.frontend('f');
  const authors = asked.map(({ headers }) => headers['x-bender-author']);
  expect(authors).toEqual(['J%C3%BCrgen', 'J%C3%BCrgen', undefined]);
});

it('answers undefined for an empty answer', async () => {
  const { url } = await daemon(json(204));
  await expect(new Client({ servers: [url] }).renew(address)).resolves.toBeUndefined();
});

it('keeps the path of a server URL', async () => {
  const { url, asked } = await daemon();
  await new Client({ servers: [`${url}/bender/`] }).backends();
  expect(asked[0]!.path).toBe('/bender/backends');
});

describe('errors', () => {
  it.each([
    [400, 'INVALID', InvalidError],
    [404, 'NOT_FOUND', NotFoundError],
    [409, 'CONFLICT', ConflictError],
  ])('turns %i %s back into the error that it was', async (status, code, Class) => {
    const { url } = await daemon(error(status, code, 'the message'));
    const failure = await new Client({ servers: [url] }).status().catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(Class);
    expect(failure).toMatchObject({ code, message: 'the message' });
  });

  it('keeps a code that it does not know', async () => {
    const { url } = await daemon(error(418, 'TEAPOT'));
    await expect(new Client({ servers: [url] }).status()).rejects.toMatchObject({ code: 'TEAPOT' });
  });

  it('does not ask another server about what one has refused', async () => {
    const first = await daemon(error(409, 'CONFLICT'));
    const second = await daemon();
    const client = new Client({ servers: [first.url, second.url] });
    await expect(client.createFrontend({ name: 'f' })).rejects.toThrow(ConflictError);
    expect(second.asked).toHaveLength(0);
  });

  it.each(['', 'localhost:1729', 'ftp://h', 'nonsense'])('refuses %j as a server', (server) => {
    expect(() => new Client({ servers: [server] })).toThrow(InvalidError);
  });
});

describe('several servers', () => {
  const html: Answerer = (_, response) => response.writeHead(404).end('<html>');
  const failing: [string, () => Promise<string>, string][] = [
    ['cannot be reached', deadUrl, 'connection refused'],
    ['is not ready', async () => (await daemon(error(503, 'NOT_READY', 'joining'))).url, 'not ready: joining'],
    ['does not answer', async () => (await daemon(silence)).url, 'no answer within 100 ms'],
    ['is no bender daemon', async () => (await daemon(html)).url, 'answers 404, but not as a bender daemon does'],
    [
      'breaks off',
      async () => (await daemon((_, response) => response.writeHead(200).write('[') && response.destroy())).url,
      'connection lost',
    ],
  ];

  it.each(failing)('moves on when one %s, and stays with the one that answers', async (_, start) => {
    const bad = await start();
    const good = await daemon();
    const client = new Client({ servers: [bad, good.url], timeoutMs: 100 });
    await client.status();
    expect(client.servers.current).toBe(good.url);
    await client.status();
    expect(good.asked).toHaveLength(2);
  });

  it.each(failing)('says so when the only one %s', async (_, start, reason) => {
    const url = await start();
    const failure = await new Client({ servers: [url], timeoutMs: 100 }).status().catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(UnreachableError);
    expect((failure as Error).message).toContain(`${url} (${reason}`);
  });

  it('names all that were tried', async () => {
    const urls = [await deadUrl(), await deadUrl()];
    const failure = new Client({ servers: urls }).status();
    await expect(failure).rejects.toThrow(urls[0]);
    await expect(failure).rejects.toThrow(urls[1]);
  });
});

it('sends again what a server dropped with a connection that it had kept', async () => {
  const used = new WeakSet<object>();
  const { url, asked } = await daemon((request, response) => {
    const socket = response.socket!;
    if (used.has(socket)) return void socket.resetAndDestroy();
    used.add(socket);
    json(200, {})(request, response);
  });
  const client = new Client({ servers: [url] });
  await client.status();
  await client.status();
  expect(asked).toHaveLength(3);
});

it('gives up when told to', async () => {
  const { url } = await daemon(silence);
  const stopping = new AbortController();
  const call = new Client({ servers: [url] }).status({ signal: stopping.signal });
  stopping.abort(new Error('enough'));
  await expect(call).rejects.toThrow('enough');
});

const doubtful =
  (answer: Answerer): Answerer =>
  (asked, response) => {
    response.setHeader('x-bender-warming', 'true');
    answer(asked, response);
  };

it('tells what a daemon says of itself that does not know of something, unless another one answers', async () => {
  const [lost, busy, good] = [
    await daemon(doubtful(error(404, 'NOT_FOUND'))),
    await daemon(doubtful(error(503, 'NOT_READY'))),
    await daemon(),
  ];
  const told: unknown[] = [];
  const clientOf = (...servers: FakeDaemon[]) =>
    new Client({ servers: servers.map(({ url }) => url), onCaveats: (...caveats) => told.push(caveats) });
  await clientOf(busy, good).backends();
  expect(told).toEqual([]);
  for (const call of [
    () => clientOf(lost).resolve('f'),
    () => clientOf(lost).deregister(address),
    () => clientOf(lost).setState(address, { draining: true }),
  ])
    await expect(call()).rejects.toThrow(NotFoundError);
  expect(told).toEqual(Array.from({ length: 3 }, () => [{ warming: true }, lost.url]));
});

it('leaves a daemon that has just started, or is cut off, for the next one where look-ups are to be trusted', async () => {
  const [warming, good] = [await daemon(doubtful(json(200, []))), await daemon()];
  const servers = [warming.url, good.url];
  await new Client({ servers, trusted: true }).backends();
  expect(good.asked).toHaveLength(1);
  await expect(new Client({ servers: [warming.url], trusted: true }).backends()).rejects.toThrow(
    `tried ${warming.url} (it has just started, services may not have shown up yet)`,
  );
  await new Client({ servers, trusted: true }).updateBackend('b', { version: '2' });
  expect(good.asked).toHaveLength(1);
});

it('says that a change may have been made whose answer is lost', async () => {
  const hung = new Client({ servers: [(await daemon(silence)).url], timeoutMs: 50 });
  const absent = new Client({ servers: [await deadUrl()] });
  const made = /; the change may have been made$/;
  await expect(hung.rollbackBackend('b')).rejects.toThrow(made);
  await expect(hung.deregister(address)).rejects.toThrow(made);
  await expect(hung.setState(address, { draining: true })).rejects.toThrow(made);
  for (const call of [
    () => absent.rollbackBackend('b'),
    () => hung.backends(),
    () => hung.renew(address),
    () => hung.register(address),
    () => hung.renewAll(['a/1/h/1']),
  ])
    await expect(call()).rejects.toThrow(/\)$/);
});

it('tells what a daemon says of a look-up or of a write to the catalog, and of nothing else', async () => {
  const { url } = await daemon((asked, response) => {
    response.setHeader('x-bender-stale', 'true');
    json(200, {})(asked, response);
  });
  const told: unknown[] = [];
  const client = new Client({ servers: [url], onCaveats: (...caveats) => told.push(caveats) });
  await client.register({ ...address, ttl: 4000 });
  await client.renew(address);
  expect(told).toEqual([]);
  await client.registrations();
  await client.updateBackend('web', { version: '2' });
  await client.drainRules.create({ name: 'r', app: 'web' });
  expect(told).toEqual(Array.from({ length: 3 }, () => [{ stale: true }, url]));
});

it('returns the answer even if onCaveats throws', async () => {
  const warned = jest.spyOn(process, 'emitWarning').mockReturnValue(undefined);
  const { url } = await daemon(doubtful(json(200, [])));
  const onCaveats = (): never => {
    throw new Error('a fault of the program');
  };
  expect(await new Client({ servers: [url], onCaveats }).backends()).toEqual([]);
  expect(warned).toHaveBeenCalledTimes(1);
  warned.mockRestore();
});
