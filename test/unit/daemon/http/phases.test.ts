import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ApiServer } from '../../../helpers/api-server.js';

let server: ApiServer;
beforeEach(async () => {
  server = await ApiServer.start();
});
afterEach(() => server.stop());

const reads = [
  '/registrations',
  '/registrations/web',
  '/registrations/web/1.0.0',
  '/registrations/web/1.0.0/h/80',
  '/backends',
  '/backends/b',
  '/backends/b/registrations',
  '/frontends/f/registrations',
  '/events',
];

describe.each(['joining', 'leaving'] as const)('while %s', (phase) => {
  beforeEach(() => server.set({ phase }));
  afterEach(() => server.set({ phase: 'running' }));

  it.each(['/registrations', '/status', '/nope', '/events'])('closes the connection that asks for %s', async (path) => {
    await expect(server.ask('GET', path)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('answers probes and peers', async () => {
    expect(await server.ask('GET', '/livez')).toMatchObject({ status: 200 });
    expect(await server.ask('GET', '/readyz')).toMatchObject({ status: 503, body: { code: 'NOT_READY' } });
    expect(await server.ask('POST', '/peer')).toMatchObject({ status: 400 });
  });
});

it('refuses reads while the view is not known, and takes writes', async () => {
  server.set({ synced: false, ready: false });
  for (const path of reads)
    expect(await server.ask('GET', path)).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1' },
      body: { code: 'NOT_READY' },
    });
  expect(await server.ask('POST', '/registrations/web/1.0.0/h/80')).toMatchObject({ status: 200 });
  expect(await server.ask('GET', '/status')).toMatchObject({ status: 200 });
});

it('marks reads while they may be out of date', async () => {
  server.set({ stale: true });
  expect((await server.ask('GET', '/registrations')).headers['x-bender-stale']).toBe('true');
  server.set({ stale: false });
  expect((await server.ask('GET', '/registrations')).headers['x-bender-stale']).toBeUndefined();
});

it('marks errors as well: that there is no such thing may be wrong', async () => {
  const asked = [
    ['GET', '/registrations/web/1/h/9'],
    ['GET', '/frontends/nobody'],
    ['PUT', '/backends/nobody', { version: '1' }],
    ['DELETE', '/backends/nobody'],
    ['DELETE', '/registrations/web/1/h/9'],
    ['PUT', '/registrations/web/1/h/9/state', { draining: true }],
    ['PUT', '/registrations/web/1/h/9/health', { unhealthy: null }],
  ] as const;
  for (const stale of [true, false]) {
    server.set({ stale });
    for (const [method, path, body] of asked) {
      const answer = await server.ask(method, path, { body });
      expect([method, path, answer.status, answer.headers['x-bender-stale']]).toEqual([
        ...[method, path, 404, stale ? 'true' : undefined],
      ]);
    }
  }
});

it('marks reads while something may be missing yet', async () => {
  server.set({ ready: false });
  expect((await server.ask('GET', '/registrations')).headers['x-bender-warming']).toBe('true');
  expect((await server.ask('GET', '/daemons')).headers['x-bender-warming']).toBe('true');
  const body = { name: 'b', app: 'a', version: '1' };
  expect((await server.ask('POST', '/backends', { body })).headers['x-bender-warming']).toBe('true');
  const registration = { app: 'a', version: '1', host: 'h', port: 1 };
  expect(
    (await server.ask('POST', '/registrations', { body: registration })).headers['x-bender-warming'],
  ).toBeUndefined();
  expect((await server.ask('GET', '/status')).headers['x-bender-warming']).toBeUndefined();
  expect(await server.ask('GET', '/readyz')).toMatchObject({ status: 503, body: { code: 'NOT_READY' } });

  server.set({ ready: true });
  expect((await server.ask('GET', '/registrations')).headers['x-bender-warming']).toBeUndefined();
  expect(await server.ask('GET', '/readyz')).toMatchObject({ status: 200, body: { ready: true } });
});
