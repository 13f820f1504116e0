/** What the targets for Prometheus carry, and how a URL chooses among them. */

import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ApiServer } from '../../../helpers/api-server.js';
import type { Meta } from '../../../../src/model/registration.js';
import type { ApiRequest } from '../../../../src/daemon/http/route.js';
import { open } from '../../../../src/daemon/surfaces/prometheus/prometheus.js';
import type { SurfaceContext } from '../../../../src/daemon/surfaces/surface.js';
import { mostBetweenPauses } from '../../../helpers/pauses.js';

interface Group {
  targets: string[];
  labels: Record<string, string>;
}

let server: ApiServer;
beforeAll(async () => {
  server = await ApiServer.start();
  const { backends, frontends } = server.daemon.catalog;
  backends.create({ name: 'web', app: 'web', version: '^1' }, 'test');
  backends.create({ name: 'canary', app: 'web', split: { '1.1.0': 1, '2.0.0': 0 } }, 'test');
  frontends.create({ name: 'www', backend: 'web' }, 'test');
  frontends.create({ name: 'none' }, 'test');
});
afterAll(() => server.stop());
afterEach(async () => {
  for (const { id, app } of server.daemon.registrations({})) if (app !== 'bender') await server.daemon.deregister(id);
});

const register = (version: string, host: string, meta: Meta = {}, app = 'web') =>
  server.daemon.register({ app, version, host, port: 80 }, { ttl: 600_000, meta });

async function groups(query: string): Promise<Group[]> {
  const { status, body, headers } = await server.ask('GET', `/sd/prometheus${query}`);
  expect([status, headers['content-type']]).toEqual([200, 'application/json']);
  return body as Group[];
}

const targets = async (query: string): Promise<string[]> =>
  (await groups(query)).map(({ labels }) => labels.__meta_bender_host!);

it('labels a target with all that is known of it', async () => {
  server.daemon.register(
    { app: 'web', version: '1.1.0', host: 'fd00::1', port: 8080 },
    { ttl: 5000, meta: { zone: 'eu-1' }, instance: 'i1' },
  );
  await server.daemon.setState('web/1.1.0/fd00::1/8080', { draining: true, reason: 'deploy' });
  expect(await groups('?app=web')).toEqual([
    {
      targets: ['[fd00::1]:8080'],
      labels: {
        __meta_bender_id: 'web/1.1.0/fd00::1/8080',
        __meta_bender_app: 'web',
        __meta_bender_version: '1.1.0',
        __meta_bender_host: 'fd00::1',
        __meta_bender_port: '8080',
        __meta_bender_ttl_ms: '5000',
        __meta_bender_draining: 'true',
        __meta_bender_drain_reason: 'deploy',
        __meta_bender_instance: 'i1',
        __meta_bender_backends: ',canary,web,',
        __meta_bender_frontends: ',www,',
        __meta_bender_meta_zone: 'eu-1',
      },
    },
  ]);
});

it('says of a drain that ends by itself when that is, in the same bytes while it drains', async () => {
  register('4.0.0', '10.0.0.4');
  const { drainUntil } = await server.daemon.setState('web/4.0.0/10.0.0.4/80', { draining: true, forMs: 60_000 });
  const [group] = await groups('?app=web');
  expect(group!.labels.__meta_bender_drain_until).toBe(new Date(drainUntil!).toISOString());
  await server.daemon.deregister('web/4.0.0/10.0.0.4/80');
});

it('names no backend for a version that gets none of its requests', async () => {
  register('2.0.0', '10.0.0.1');
  const [group] = await groups('?app=web');
  expect(Object.keys(group!.labels).filter((name) => /ends$/.test(name))).toEqual([]);
});

it('follows a change of the catalog alone', async () => {
  register('3.0.0', '10.0.0.1');
  expect((await groups('?app=web'))[0]!.labels).not.toHaveProperty('__meta_bender_backends');
  server.daemon.catalog.backends.create({ name: 'third', app: 'web', version: '3.0.0' }, 'test');
  expect((await groups('?app=web'))[0]!.labels).toHaveProperty('__meta_bender_backends', ',third,');
  server.daemon.catalog.backends.delete('third', 'test');
});

it('makes labels of metadata, however it is nested and named', async () => {
  const meta = {
    rack: { row: 3, on: true },
    tags: ['a', 'b'],
    ports: [{ name: 'x' }],
    'a-b': 'no',
    a_b: 'as written',
    'c-d': 'first',
    'c.d': 'second',
    größe: 'L',
    nothing: null,
  };
  register('1.0.0', '10.0.0.1', meta);
  const [{ labels }] = (await groups('?app=web')) as [Group];
  const ofMeta = Object.entries(labels).filter(([name]) => name.startsWith('__meta_bender_meta_'));
  expect(Object.fromEntries(ofMeta.map(([name, text]) => [name.slice('__meta_bender_meta_'.length), text]))).toEqual({
    rack_row: '3',
    rack_on: 'true',
    tags: ',a,b,',
    ports: '[{"name":"x"}]',
    a_b: 'as written',
    c_d: 'first',
    gr__e: 'L',
  });
  expect(Object.keys(labels).every((name) => /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name))).toBe(true);
});

it('has the daemons among the targets', async () => {
  expect(await groups('?app=bender')).toMatchObject([
    { targets: ['127.0.0.1:1729'], labels: { __meta_bender_app: 'bender', __meta_bender_meta_name: 'one' } },
  ]);
});

describe('a URL', () => {
  it.each([
    ['?app=web', ['a', 'h', 'x']],
    ['?app=web&version=^1', ['a', 'h']],
    ['?version=1.1.0', ['h']],
    ['?app=web&version=%3E=1.0.0+%3C2', ['a', 'h']],
    ['?backend=canary', ['h', 'x']],
    ['?frontend=www', ['a', 'h']],
    ['?frontend=www&meta.zone=2', ['h']],
    ['?frontend=www&near=zone:2', ['h']],
    ['?frontend=www&near=zone:2&near-at-least=2', ['a', 'h']],
    ['?frontend=www&near=zone:3', ['a', 'h']],
    ['?frontend=none&near=zone:2', []],
    ['?frontend=none', []],
    ['?app=other&frontend=www', []],
    ['?app=web&draining=false', ['h', 'x']],
    ['?draining=true', ['a']],
  ])('%s chooses %j', async (query, expected) => {
    register('1.0.0', 'a');
    register('1.1.0', 'h', { zone: '2' });
    register('2.0.0', 'x', { zone: '2' });
    await server.daemon.setState('web/1.0.0/a/80', { draining: true });
    expect(await targets(query)).toEqual(expected);
  });

  it.each([
    ['?ap=web', 400, /'ap' is unknown/],
    ['?app=web&app=api', 400, /more than once/],
    ['?draining=maybe', 400, /'draining' must be/],
    ['?meta.=x', 400, /followed by a name/],
    [`?version=${'1'.repeat(129)}`, 400, /at most 128/],
    ['?near=zone:2', 400, /'near' needs either/],
    ['?backend=web&frontend=www&near=zone:2', 400, /'near' needs either/],
    ['?frontend=www&near=zone', 400, /'near' must be/],
    ['?frontend=www&near-at-least=2', 400, /needs 'near'/],
    ['?backend=nope', 404, /backend 'nope' does not exist/],
    ['?frontend=nope', 404, /frontend 'nope' does not exist/],
  ])('%s gets %i', async (query, status, message) => {
    expect(await server.ask('GET', `/sd/prometheus${query}`)).toMatchObject({
      status,
      body: { message: expect.stringMatching(message) },
    });
  });
});

it('pauses while it looks at all registrations, however few are meant', () => {
  let looked = 0;
  let make: (() => Generator<void, unknown>) | undefined;
  const registry = {
    groups: () => [{}],
    stamp: () => '',
    registrationsIn: function* () {
      while (looked < 5000) yield { app: 'web', version: '1', host: 'h', port: ++looked, meta: {} };
    },
    catalog: { stamp: 1, backends: { list: () => [] }, frontends: { list: () => [] } },
  };
  const answers = { once: (_: unknown, work: typeof make) => ((make = work), { status: 200 }) };
  const { handlers } = open({ registry, answers } as unknown as SurfaceContext);
  const query = () => new URLSearchParams('meta.x=y');
  void handlers['GET /sd/prometheus']({ query, headers: {} } as unknown as ApiRequest);
  expect(mostBetweenPauses(make!(), () => looked)).toBeLessThanOrEqual(200);
  expect(looked).toBe(5000);
});
