import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApiServer } from '../../../helpers/api-server.js';

let server: ApiServer;
beforeAll(async () => {
  server = await ApiServer.start();
});
afterAll(() => server.stop());

it('takes a backend through its life', async () => {
  const backend = { resource: 'Backend', name: 'blue', app: 'web', version: '1.0.0' };
  const created = await server.ask('POST', '/backends', {
    body: { name: 'blue', app: 'web', version: '1.0.0' },
  });
  expect(created).toMatchObject({ status: 201, body: backend, headers: { location: '/backends/blue' } });
  expect(await server.ask('POST', '/backends', { body: backend })).toMatchObject({
    status: 409,
    body: { code: 'CONFLICT' },
  });
  expect(await server.ask('GET', '/backends')).toMatchObject({ status: 200, body: [backend] });

  const refused = await server.ask('PUT', '/backends/blue', { body: { version: '2.x' } });
  expect(refused).toMatchObject({ status: 409, body: { code: 'TOO_FEW_ONLINE' } });
  const changed = await server.ask('PUT', '/backends/blue?force=true', { body: { version: '2.x' } });
  expect(changed).toMatchObject({ status: 200, body: { ...backend, version: '2.x' } });
  expect(await server.ask('GET', '/backends/blue')).toMatchObject({ status: 200, body: changed.body });

  expect(await server.ask('DELETE', '/backends/blue')).toMatchObject({ status: 204, body: '' });
  const missing = { status: 404, body: { code: 'NOT_FOUND' } };
  expect(await server.ask('GET', '/backends/blue')).toMatchObject(missing);
  expect(await server.ask('PUT', '/backends/blue', { body: {} })).toMatchObject(missing);
  expect(await server.ask('DELETE', '/backends/blue')).toMatchObject(missing);
});

it('takes a drain rule through its life', async () => {
  const fields = { name: 'bad@1', app: 'web', version: '1.x', reason: 'leaks' };
  const rule = { resource: 'DrainRule', ...fields };
  const headers = { 'x-bender-author': 'jane' };
  const at = '/drain-rules/bad%401';
  const created = await server.ask('POST', '/drain-rules', { body: fields, headers });
  expect(created).toMatchObject({ status: 201, body: rule, headers: { location: at } });
  await server.ask('POST', '/registrations', { body: { app: 'web', version: '1.2.0', host: 'h', port: 80 } });
  const registration = async () => (await server.ask('GET', '/registrations/web/1.2.0/h/80')).body;
  expect(await registration()).toMatchObject({ draining: true, drainRule: 'bad@1', drainReason: 'leaks' });
  const listed = { ...rule, author: 'jane', at: expect.any(Number) as unknown };
  expect(await server.ask('GET', '/drain-rules')).toMatchObject({ status: 200, body: [listed] });
  expect(await server.ask('GET', at)).toMatchObject({ status: 200, body: listed });
  const changed = await server.ask('PUT', at, { body: { reason: null, version: '2.0.0' } });
  expect(changed.body).toEqual({ resource: 'DrainRule', name: 'bad@1', app: 'web', version: '2.0.0' });
  expect(await registration()).toMatchObject({ draining: false });
  expect(await server.ask('POST', `${at}/rollback`)).toMatchObject({ status: 200, body: rule });
  expect(await server.ask('DELETE', at)).toMatchObject({ status: 204 });
  const { body: edits } = await server.ask('GET', '/history?drain-rule=bad%401');
  expect(edits).toMatchObject([{ kind: 'drain-rule', from: rule }, { to: rule }, { from: rule }, { author: 'jane' }]);
  for (const body of [{ name: 'x' }, { name: 'x', app: 'web', version: '' }, { name: 'x', app: 'bender' }])
    expect(await server.ask('POST', '/drain-rules', { body })).toMatchObject({ status: 400 });
  await server.ask('DELETE', '/registrations/web/1.2.0/h/80');
});

it('lets a body repeat the name in the path, but not change it', async () => {
  await server.ask('POST', '/frontends', { body: { name: 'shop' } });
  expect(await server.ask('PUT', '/frontends/shop', { body: { name: 'shop' } })).toMatchObject({
    status: 200,
  });
  expect(await server.ask('PUT', '/frontends/shop', { body: { name: 'other' } })).toMatchObject({
    status: 400,
    body: { message: "'name' must be 'shop' as in the path, or left out, not 'other'" },
  });
});

it('resolves a frontend to what its backend has online now, and to nothing while it has none', async () => {
  await server.ask('POST', '/frontends', { body: { name: 'api' } });
  expect(await server.ask('GET', '/frontends/api/registrations')).toMatchObject({ status: 200, body: [] });

  for (const at of ['1.0.0/h/80', '2.0.0/h/81']) await server.ask('POST', `/registrations/api/${at}`);
  await server.ask('POST', '/backends', { body: { name: 'api', app: 'api', version: '1.x' } });
  await server.ask('PUT', '/frontends/api', { body: { backend: 'api' } });
  const resolved = await server.ask('GET', '/frontends/api/registrations');
  expect(resolved).toMatchObject({ status: 200, body: [{ id: 'api/1.0.0/h/80' }] });
  expect(await server.ask('GET', '/backends/api/registrations')).toMatchObject({ body: resolved.body });

  await server.ask('PUT', '/backends/api', { body: { version: '2.x' } });
  const headers = { 'if-none-match': resolved.headers.etag! };
  const switched = await server.ask('GET', '/frontends/api/registrations', { headers });
  expect(switched).toMatchObject({ status: 200, body: [{ id: 'api/2.0.0/h/81' }] });
});

it('does not resolve to what is draining', async () => {
  for (const port of [80, 81]) await server.ask('POST', `/registrations/half/1.0.0/h/${port}`);
  await server.ask('POST', '/backends', { body: { name: 'half', app: 'half', version: '1.0.0' } });
  await server.ask('POST', '/frontends', { body: { name: 'half', backend: 'half' } });
  const paths = ['/backends/half/registrations', '/frontends/half/registrations', '/registrations/half'];
  const idsAt = async (path: string) => ((await server.ask('GET', path)).body as { id: string }[]).map(({ id }) => id);
  const both = ['half/1.0.0/h/80', 'half/1.0.0/h/81'];
  expect(await Promise.all(paths.map(idsAt))).toEqual([both, both, both]);
  await server.ask('PUT', '/registrations/half/1.0.0/h/80/state', { body: { draining: true } });
  expect(await Promise.all(paths.map(idsAt))).toEqual([['half/1.0.0/h/81'], ['half/1.0.0/h/81'], both]);
  await server.ask('PUT', '/registrations/half/1.0.0/h/80/state', { body: { draining: false } });
  expect(await Promise.all(paths.map(idsAt))).toEqual([both, both, both]);
});

it('resolves a split by its weights, and leaves out versions that have none', async () => {
  for (const at of ['1.0.0/h/80', '1.0.0/h/81', '2.0.0/h/82', '3.0.0/h/83'])
    await server.ask('POST', `/registrations/many/${at}`);
  const split = { '2.0.0': 10, '1.0.0': 90, '3.0.0': 0 };
  await server.ask('POST', '/backends', { body: { name: 'many', app: 'many', split } });
  const weights = async () => {
    const { body } = await server.ask('GET', '/backends/many/registrations');
    return (body as { port: number; weight: number }[]).map(({ port, weight }) => [port, weight]);
  };
  expect((await server.ask('GET', '/backends/many')).body).toEqual({
    ...{ resource: 'Backend', name: 'many', app: 'many', split },
  });
  expect(await weights()).toEqual([80, 81, 82].map((port) => [port, port === 82 ? 2 : 9]));
  await server.ask('PUT', '/registrations/many/1.0.0/h/80/state', { body: { draining: true } });
  expect(await weights()).toEqual([81, 82].map((port) => [port, port === 82 ? 1 : 9]));

  const { body } = await server.ask('PUT', '/backends/many', { body: { version: '3.0.0' } });
  expect(body).toEqual({ resource: 'Backend', name: 'many', app: 'many', version: '3.0.0' });
  expect(await weights()).toEqual([[83, 1]]);
});

describe('with a preference', () => {
  const path = '/frontends/close/registrations';
  const hostsAt = async (query: string) =>
    ((await server.ask('GET', path + query)).body as { host: string; weight: number }[]).map(({ host, weight }) => [
      host,
      weight,
    ]);
  beforeAll(async () => {
    const zones = { a: 'eu-1', b: 'eu-1', c: 'eu-2' };
    for (const [host, zone] of Object.entries(zones))
      await server.ask('POST', `/registrations/close/1.0.0/${host}/80`, { body: { meta: { zone } } });
    await server.ask('POST', '/registrations/close/2.0.0/d/80', { body: { meta: { zone: 'eu-2' } } });
    const split = { '1.0.0': 90, '2.0.0': 10 };
    await server.ask('POST', '/backends', { body: { name: 'close', app: 'close', split } });
    await server.ask('POST', '/frontends', { body: { name: 'close', backend: 'close' } });
  });

  it('resolves each version of a split to what is near, if there is enough, and keeps the shares', async () => {
    const all = [...['a', 'b', 'c'].map((host) => [host, 3]), ['d', 1]];
    const near = [...['a', 'b'].map((host) => [host, 9]), ['d', 2]];
    expect(await hostsAt('?near=zone:eu-1')).toEqual(near);
    expect(await hostsAt('')).toEqual(all);
    expect(await hostsAt('?near=zone:eu-1&near-at-least=2')).toEqual(near);
    expect(await hostsAt('?near=zone:eu-1&near-at-least=3')).toEqual(all);
    await server.ask('PUT', '/registrations/close/1.0.0/a/80/state', { body: { draining: true } });
    expect(await hostsAt('?near=zone:eu-1')).toEqual([
      ['b', 9],
      ['d', 1],
    ]);
  });

  it('has an ETag of its own', async () => {
    const { etag } = (await server.ask('GET', `${path}?near=zone:eu-1`)).headers;
    const headers = { 'if-none-match': etag! };
    expect((await server.ask('GET', `${path}?near=zone:eu-1`, { headers })).status).toBe(304);
    expect((await server.ask('GET', path, { headers })).status).toBe(200);
  });

  it.each(['?near=zone', '?near=zone:x&near-at-least=0', '?near-at-least=2'])('refuses %s', async (query) => {
    expect(await server.ask('GET', path + query)).toMatchObject({ status: 400, body: { code: 'INVALID' } });
  });
});

describe('pointing a backend somewhere', () => {
  const put = (query: string, version: string) => server.ask('PUT', `/backends/aim${query}`, { body: { version } });
  beforeAll(async () => {
    for (const at of ['1/h/80', '1/h/81', '2/h/82']) await server.ask('POST', `/registrations/aim/${at}`);
    await server.ask('POST', '/backends', { body: { name: 'aim', app: 'aim', version: '1' } });
  });

  it.each([
    ['', '3', 409],
    ['?force=false', '3', 409],
    ['?at-least=2', '2', 409],
    ['?at-least=1', '2', 200],
    ['?at-least=2', '1', 200],
    ['?at-least=0', '3', 200],
    ['?force', '4', 200],
    ['?force=true&at-least=9', '5', 200],
    ['?force=yes', '1', 400],
    ['?at-least=-1', '1', 400],
    ['?at-least=many', '1', 400],
  ])('with %j at version %s answers %i', async (query, version, status) => {
    expect((await put(query, version)).status).toBe(status);
  });

  it('is undone by a rollback, under the same terms', async () => {
    await put('', '1');
    await put('', '2');
    const rollback = (query: string) => server.ask('POST', `/backends/aim/rollback${query}`);
    expect(await rollback('')).toMatchObject({ status: 200, body: { name: 'aim', version: '1' } });
    expect(await rollback('?at-least=2')).toMatchObject({ status: 409, body: { code: 'TOO_FEW_ONLINE' } });
    expect(await rollback('?force')).toMatchObject({ status: 200, body: { version: '2' } });
    await server.ask('POST', '/backends', { body: { name: 'new', app: 'aim', version: '1' } });
    expect(await server.ask('POST', '/backends/new/rollback')).toMatchObject({
      status: 404,
      body: { code: 'NOT_FOUND' },
    });
  });

  it.each(['of=', 'to=', 'of=abc', 'to=ABCDEF0', 'of=not-an-id', `to=${'0'.repeat(65)}`, 'of=0000000&to=0000000'])(
    'is not undone by ?%s, which names no change',
    async (query) => {
      expect(await server.ask('POST', `/backends/aim/rollback?${query}`)).toMatchObject({
        status: 400,
        body: { code: 'INVALID' },
      });
    },
  );

  it('has a change that this daemon may not know yet, if it could be one', async () => {
    expect(await server.ask('POST', '/backends/aim/rollback?of=0000000')).toMatchObject({ status: 503 });
    expect(await server.ask('POST', '/backends/aim/rollback?to=0000000')).toMatchObject({ status: 404 });
  });
});

it('names the author of each change, by the header or else by the address', async () => {
  const headers = { 'x-bender-author': 'J%C3%BCrgen' };
  await server.ask('POST', '/frontends', { headers, body: { name: 'told' } });
  await server.ask('PUT', '/frontends/told', { body: { backend: 'aim' } });
  await server.ask('DELETE', '/frontends/told', { headers: { 'x-bender-author': 'joe' } });
  const authors = async (query: string) => {
    const { body } = await server.ask('GET', `/history${query}`);
    return (body as { author: string; daemon: string }[]).map(({ author, daemon }) => [author, daemon]);
  };
  const all = ['joe', '127.0.0.1', 'Jürgen'].map((author) => [author, 'one']);
  expect(await authors('?frontend=told')).toEqual(all);
  expect(await authors('?frontend=told&limit=1')).toEqual(all.slice(0, 1));
  expect(await authors('?backend=told')).toEqual([]);
  expect((await authors('')).length).toBeGreaterThan(3);
  for (const limit of ['0', '10001', 'all'])
    expect(await server.ask('GET', `/history?limit=${limit}`)).toMatchObject({ status: 400 });
  const bad = { 'x-bender-author': '%' };
  expect(await server.ask('POST', '/frontends', { headers: bad, body: { name: 'bad' } })).toMatchObject({
    status: 400,
    body: { code: 'INVALID' },
  });
});

it('names the field that is wrong', async () => {
  const create = (body: object) => server.ask('POST', '/backends', { body });
  expect(await create({ name: 'b', version: '1' })).toMatchObject({
    status: 400,
    body: { code: 'INVALID', message: "'app' is missing" },
  });
  expect(await create({ name: 'b', app: 'web' })).toMatchObject({
    status: 400,
    body: { code: 'INVALID', message: "give either 'version' or 'split'" },
  });
});
