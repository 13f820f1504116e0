import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { limits } from '../../../../src/model/limits.js';
import { ApiServer } from '../../../helpers/api-server.js';

let server: ApiServer;
beforeAll(async () => {
  server = await ApiServer.start();
  for (const port of [80, 81])
    await server.ask('POST', '/registrations', { body: { app: 'w+b', version: '1', host: '::1', port, ttl: 60_000 } });
  await server.ask('PUT', '/registrations/w+b/1/::1/81/health', { body: { unhealthy: '503' } });
});
afterAll(() => server.stop());

it('GET /leases tells of those that are registered, healthy or not, each once', async () => {
  const ids = ['w+b/1/[::1]/80', 'w%2Bb/1/0:0::1/80', 'w+b/1/::1/81', 'w+b/1/::1/82'];
  const { status, body } = await server.ask('GET', `/leases?${ids.map((id) => `registration=${id}`).join('&')}`);
  const lease = { ttl: 60_000, holder: 'one', remaining: expect.any(Number) };
  expect([status, body]).toEqual([200, [80, 81].map((port) => ({ id: `w+b/1/::1/${port}`, ...lease }))]);
});

it.each([
  ['/leases', "give 'registration' (an id), once or several times"],
  ['/leases?registration=web', "'web' is not a registration id: expected APP/VERSION/HOST/PORT"],
  [
    `/leases?${'registration=a/1/h/1&'.repeat(limits.leases + 1)}`,
    "there must be at most 100 ids 'registration', not 101",
  ],
])('refuses %s', async (path, message) => {
  expect(await server.ask('GET', path)).toMatchObject({ status: 400, body: { code: 'INVALID', message } });
});
