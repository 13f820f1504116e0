import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { formatId } from '../../../../src/model/registration.js';
import { ApiServer } from '../../../helpers/api-server.js';

let server: ApiServer;
beforeEach(async () => {
  server = await ApiServer.start();
});
afterEach(() => server.stop());

/** The values of a metric by its labels as they are written. */
async function read(name: string): Promise<Record<string, number>> {
  const { status, headers, body } = await server.ask('GET', '/metrics');
  expect([status, headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
  const lines = String(body).split('\n');
  expect(lines).toContainEqual(expect.stringMatching(`^# HELP ${name} `));
  return Object.fromEntries(
    lines.flatMap((line) => {
      const [, found, labels = '', value] = /^(\w+)(\{.*\})? (\S+)$/.exec(line) ?? [];
      return found === name ? [[labels, Number(value)]] : [];
    }),
  );
}

const web = (port: number, version = '1.0.0') => ({ app: 'web', version, host: 'h', port });

it('shows how many registrations there are', async () => {
  for (const port of [1, 2]) server.daemon.register(web(port), {});
  server.daemon.register(web(3, '2.0.0'), {});
  expect(await read('bender_registrations')).toMatchObject({
    '{app="web",version="1.0.0"}': 2,
    '{app="web",version="2.0.0"}': 1,
  });
  expect(await read('bender_leases')).toEqual({ '': 3 });
  await server.daemon.deregister(formatId(web(3, '2.0.0')));
  expect(await read('bender_registrations')).toEqual({
    '{app="bender",version="1.0.0"}': 1,
    '{app="web",version="1.0.0"}': 2,
  });
});

it('has a series for each of the 1,000 largest app versions, and one for all others', async () => {
  for (let port = 1; port <= 3; port++) server.daemon.register(web(port), {});
  for (let index = 0; index < 1100; index++) server.daemon.register({ ...web(9), app: `app-${index}` }, {});
  const series = await read('bender_registrations');
  expect(Object.keys(series)).toHaveLength(1001);
  expect(series['{app="web",version="1.0.0"}']).toBe(3);
  // With the daemon itself.
  expect(series['']).toBe(1104 - 3 - 999);
});

it('counts changes, by reason, and renewals', async () => {
  const id = formatId(web(1));
  server.daemon.register(web(1), {});
  server.daemon.register(web(1), { meta: { az: 'a' } });
  await server.daemon.setHealth(id, 'out of breath');
  await server.daemon.setHealth(id, null);
  await server.daemon.deregister(id);
  expect(await read('bender_registration_changes_total')).toMatchObject({
    '{type="online"}': 2,
    '{type="updated"}': 1,
    '{type="offline",reason="unhealthy"}': 1,
    '{type="offline",reason="deregistered"}': 1,
  });
  server.daemon.register(web(2), {});
  for (let times = 0; times < 5; times++)
    expect((await server.ask('PUT', '/registrations/web/1.0.0/h/2/lease')).status).toBe(204);
  expect((await server.ask('POST', '/registrations/web/1.0.0/h/2')).status).toBe(204);
  expect(await read('bender_renewals_total')).toEqual({ '': 6 });
});

it('shows what can serve a backend and a frontend', async () => {
  const { backends, frontends } = server.daemon.catalog;
  backends.create({ name: 'web', app: 'web', version: '1.0.0' }, 'test');
  frontends.create({ name: 'www', backend: 'web' }, 'test');
  frontends.create({ name: 'none' }, 'test');
  frontends.create({ name: 'gone', backend: 'gone' }, 'test');
  for (const port of [1, 2]) server.daemon.register(web(port), {});
  await server.daemon.setState(formatId(web(2)), { draining: true });
  expect(await read('bender_backend_available')).toEqual({ '{backend="web"}': 1 });
  expect(await read('bender_frontend_available')).toEqual({ '{frontend="gone"}': 0, '{frontend="www"}': 1 });
  server.daemon.register(web(3, '2.0.0'), {});
  backends.update('web', { split: { '1.0.0': 9, '2.0.0': 1 } }, 'test');
  await server.daemon.deregister(formatId(web(3, '2.0.0')));
  expect(await read('bender_backend_available')).toEqual({ '{backend="web"}': 0 });
});

it('says so of itself in every state', async () => {
  expect(await read('bender_ready')).toEqual({ '': 1 });
  server.set({ ready: false, synced: false, stale: true });
  expect(await read('bender_ready')).toEqual({ '': 0 });
  expect(await read('bender_isolated')).toEqual({ '': 1 });
  expect(await read('bender_info')).toEqual({ '{daemon="one",version="1.0.0",cluster="test"}': 1 });
  expect(await read('bender_daemons')).toMatchObject({ '{state="online"}': 1, '{state="lost"}': 0 });
});

it('counts what the surfaces answer', async () => {
  await server.ask('GET', '/sd/prometheus');
  server.set({ stale: true });
  await server.ask('GET', '/sd/prometheus');
  expect(await read('bender_surface_answers_total')).toMatchObject({
    '{surface="prometheus",status="200"}': 1,
    '{surface="prometheus",status="503"}': 1,
  });
});

describe('the form', () => {
  it('is that of OpenMetrics for a client that takes it', async () => {
    const accept = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5';
    const { headers, body } = await server.ask('GET', '/metrics', { headers: { accept } });
    expect(headers['content-type']).toMatch(/^application\/openmetrics-text; version=1\.0\.0/);
    expect(String(body)).toMatch(/# EOF\n$/);
    // Counters are named without their suffix there.
    expect(String(body)).toContain('# TYPE bender_renewals counter\nbender_renewals_total 0\n');
  });

  it('escapes what breaks a line', async () => {
    server.daemon.register({ ...web(1), app: 'a"b\\c' }, {});
    expect(await read('bender_registrations')).toMatchObject({ '{app="a\\"b\\\\c",version="1.0.0"}': 1 });
  });
});

it('has process figures and the lag of the event loop', async () => {
  for (const name of ['process_cpu_seconds_total', 'nodejs_eventloop_lag_p99_seconds', 'nodejs_heap_size_used_bytes'])
    expect(Object.values(await read(name))[0]).toBeGreaterThan(0);
});
