import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { CatalogService } from '../../../../src/daemon/core/catalog/catalog-service.js';
import { ApiServer } from '../../../helpers/api-server.js';

let server: ApiServer;
beforeAll(async () => {
  server = await ApiServer.start();
  for (const at of ['1.0.0/10.0.0.1/80', '1.0.0/10.0.0.2/80', '2.0.0/10.0.0.3/80'])
    await server.ask('POST', `/registrations/web/${at}`, { body: { ttl: 600_000 } });
  await server.ask('POST', '/backends', { body: { name: 'web', app: 'web', version: '1.0.0' } });
  await server.ask('POST', '/frontends', { body: { name: 'www', backend: 'web' } });
  await server.ask('POST', '/frontends', { body: { name: 'idle' } });
});
afterAll(() => server.stop());

const about = (id: string, frontend = 'www') =>
  server.ask('GET', `/explain?registration=${encodeURIComponent(id)}&frontend=${frontend}`);

it('says which share of the requests an instance gets', async () => {
  expect(await about('web/1.0.0/10.0.0.1/80')).toMatchObject({
    status: 200,
    body: {
      registration: 'web/1.0.0/10.0.0.1/80',
      frontend: 'www',
      backend: 'web',
      served: true,
      share: 0.5,
      reasons: [],
    },
  });
});

it('names everything that keeps callers from it', async () => {
  const path = '/registrations/web/2.0.0/10.0.0.3/80';
  await server.ask('PUT', `${path}/state`, { body: { draining: true, reason: 'old' } });
  await server.ask('PUT', `${path}/health`, { body: { unhealthy: '503' } });
  expect((await about('web/2.0.0/10.0.0.3/80')).body).toMatchObject({
    served: false,
    share: 0,
    reasons: [
      { code: 'unhealthy', message: 'its health check fails: 503' },
      { code: 'draining', message: 'it drains: old' },
      { code: 'other-version', message: "the backend 'web' sends callers to 1.0.0" },
    ],
  });
  expect((await about('web/1.0.0/10.0.0.9/80')).body).toMatchObject({ reasons: [{ code: 'offline' }] });
  expect((await about('web/1.0.0/10.0.0.1/80', 'idle')).body).toMatchObject({ reasons: [{ code: 'no-backend' }] });
});

it('leaves the history alone while there is no drain rule', async () => {
  const read = jest.spyOn(CatalogService.prototype, 'historyInSteps');
  expect((await about('web/1.0.0/10.0.0.1/80')).status).toBe(200);
  expect((await server.ask('GET', '/drain-rules')).body).toEqual([]);
  expect(read).not.toHaveBeenCalled();
  read.mockRestore();
});

it('names the rule that drains it, with its author', async () => {
  const rule = { name: 'bad', app: 'web', version: '2.0.0', reason: 'leaks' };
  await server.ask('POST', '/drain-rules', { headers: { 'x-bender-author': 'jane' }, body: rule });
  await server.ask('POST', '/registrations/web/2.0.0/10.0.0.4/80', { body: { ttl: 600_000 } });
  const { body } = await about('web/2.0.0/10.0.0.4/80');
  expect((body as { reasons: unknown[] }).reasons[0]).toEqual({
    code: 'draining',
    message: "the rule 'bad' by jane drains it: leaks",
    drainRule: 'bad',
  });
  await server.ask('DELETE', '/drain-rules/bad');
});

it('says that its view is stale', async () => {
  server.set({ stale: true });
  const { body, headers } = await about('web/1.0.0/10.0.0.1/80');
  server.set({ stale: false });
  expect(body).toMatchObject({ served: true, stale: true });
  expect(headers['x-bender-stale']).toBe('true');
});

it.each([
  ['/explain', 400, 'INVALID'],
  ['/explain?registration=web&frontend=www', 400, 'INVALID'],
  ['/explain?registration=web/1/h/1&frontend=none', 404, 'NOT_FOUND'],
])('refuses %s', async (path, status, code) => {
  expect(await server.ask('GET', path)).toMatchObject({ status, body: { code } });
});
