import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApiServer } from '../../../helpers/api-server.js';

let server: ApiServer;
beforeAll(async () => {
  server = await ApiServer.start();
});
afterAll(() => server.stop());

const path = '/registrations/web/1/10.0.0.1/80';
const register = (instance: string, more = {}) => server.ask('POST', path, { body: { instance, ...more } });

it('shows which instance is registered', async () => {
  await register('shown');
  expect(await server.ask('GET', path)).toMatchObject({ body: { instance: 'shown' } });
});

it.each([
  ['DELETE', path, undefined],
  ['PUT', `${path}/lease`, undefined],
  ['PUT', `${path}/state`, { draining: true }],
  ['PUT', `${path}/health`, { unhealthy: 'down' }],
] as const)('%s %s of an instance that was replaced is a 404, and does nothing', async (method, at, body) => {
  await register('old');
  await register('new');
  const answer = await server.ask(method, `${at}?instance=old`, { body });
  expect(answer).toMatchObject({
    status: 404,
    body: { code: 'NOT_FOUND', replacedBy: 'web/1/10.0.0.1/80' },
  });
  expect(await server.ask('GET', path)).toMatchObject({ body: { instance: 'new', draining: false } });
  const fine = await server.ask(method, `${at}?instance=new`, { body });
  expect([200, 204]).toContain(fine.status);
  await server.ask('DELETE', path);
});

describe('renewing many', () => {
  const [web, gone] = [path.slice('/registrations/'.length), 'web/1/10.0.0.2/80'];
  const renew = (...ids: unknown[]) => server.ask('POST', '/renewals', { body: { ids } });

  it('renews an instance by its own name, and says which were replaced', async () => {
    await register('old');
    await register('new');
    expect((await renew({ id: web, instance: 'new' })).body).toEqual({ renewed: 1, unknown: [] });
    expect((await renew({ id: web, instance: 'old' }, { id: gone, instance: 'old' }, web)).body).toEqual({
      renewed: 1,
      unknown: [gone],
      replaced: [{ id: web, instance: 'old', replacedBy: web }],
    });
    await server.ask('DELETE', path);
  });

  it('says which version has taken the address', async () => {
    const next = path.replace('/1/', '/2/');
    await register('old');
    await server.ask('POST', next, { body: { instance: 'new' } });
    expect((await renew({ id: web, instance: 'old' }, web)).body).toEqual({
      renewed: 0,
      unknown: [web],
      replaced: [{ id: web, instance: 'old', replacedBy: 'web/2/10.0.0.1/80' }],
    });
    await server.ask('DELETE', next);
  });

  it('takes an id in another spelling for the same', async () => {
    const respelled = 'web/1/::ffff:10.0.0.1/80';
    await register('it');
    expect((await renew({ id: respelled, instance: 'it' }, { id: respelled, instance: 'no' })).body).toEqual({
      renewed: 1,
      unknown: [],
      replaced: [{ id: respelled, instance: 'no', replacedBy: web }],
    });
    await server.ask('DELETE', path);
  });

  it.each([
    [{ instance: 'it' }, "'ids.0.id' is missing"],
    [{ id: web, instance: '' }, '\'ids.0.instance\' must not be empty, not ""'],
    [{ id: web, instant: 'it' }, "unknown field 'ids.0.instant'"],
    [[web], "'ids.0.id' is missing"],
    [null, "'ids.0' must be a registration id, or an object with one, not null"],
  ])('refuses %j', async (one, message) => {
    expect(await renew(one)).toMatchObject({ status: 400, body: { code: 'INVALID', message } });
  });
});

it('takes an unhealthy instance out of look-ups until it is healthy again', async () => {
  await register('sick');
  expect(await server.ask('PUT', `${path}/health`, { body: { unhealthy: 'down' } })).toMatchObject({
    status: 204,
  });
  expect(await server.ask('GET', path)).toMatchObject({ status: 404 });
  expect(await server.ask('GET', '/registrations/web')).toMatchObject({ body: [] });
  expect(await server.ask('PUT', `${path}/lease?instance=sick`)).toMatchObject({ status: 204 });
  await server.ask('PUT', `${path}/health`, { body: { unhealthy: null } });
  expect(await server.ask('GET', path)).toMatchObject({ status: 200, body: { instance: 'sick' } });
  await server.ask('DELETE', path);
});

describe('a write with an idempotency key', () => {
  const writes = [
    ['DELETE', path, undefined],
    ['PUT', `${path}/state`, { draining: true }],
    ['PUT', `${path}/health`, { unhealthy: 'down' }],
  ] as const;

  it.each(writes)('%s %s is done once, and answered alike', async (method, at, body) => {
    const headers = { 'idempotency-key': `${method}${at}`.replaceAll('/', '-') };
    await register('first');
    const { status, body: said } = await server.ask(method, at, { body, headers });
    expect([200, 204]).toContain(status);
    await register('second');
    expect(await server.ask(method, at, { body, headers })).toMatchObject({ status, body: said });
    expect(await server.ask('GET', path)).toMatchObject({
      status: 200,
      body: { instance: 'second', draining: false },
    });
    await server.ask('DELETE', path);
  });

  it('that failed is tried again, and one with the key of another write is refused', async () => {
    const headers = { 'idempotency-key': 'failed' };
    expect(await server.ask('DELETE', path, { headers })).toMatchObject({ status: 404 });
    await register('it');
    expect(await server.ask('DELETE', path, { headers })).toMatchObject({ status: 204 });
    expect(await server.ask('PUT', `${path}/health`, { headers, body: { unhealthy: null } })).toMatchObject({
      status: 409,
      body: { code: 'CONFLICT' },
    });
  });
});

it.each([[{}], [{ unhealthy: '' }], [{ unhealthy: 'x'.repeat(257) }], [{ unhealthy: 'a\u001bb' }]])(
  'refuses %j as what a health check says',
  async (body) => {
    expect(await server.ask('PUT', `${path}/health`, { body })).toMatchObject({
      status: 400,
      body: { code: 'INVALID' },
    });
  },
);
