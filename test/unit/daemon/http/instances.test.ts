import { afterAll, beforeAll, expect, it } from '@jest/globals';
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

it.each([[{}], [{ unhealthy: '' }], [{ unhealthy: 'x'.repeat(257) }], [{ unhealthy: 'a\u001bb' }]])(
  'refuses %j as what a health check says',
  async (body) => {
    expect(await server.ask('PUT', `${path}/health`, { body })).toMatchObject({
      status: 400,
      body: { code: 'INVALID' },
    });
  },
);
