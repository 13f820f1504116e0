/** Look-ups as Consul's clients make them. */

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Instance } from '../../../../../src/daemon/surfaces/consul/instance.js';
import { formatId } from '../../../../../src/model/registration.js';
import { ApiServer, type Answered } from '../../../../helpers/api-server.js';

let server: ApiServer;
const at = (port: number, version = '1.0.0') => ({ app: 'web', version, host: '10.0.0.1', port });

/** 1 is fine, 2 warns, 3 is unhealthy, 4 drains, 5 is of another host. */
beforeAll(async () => {
  server = await ApiServer.start();
  const { daemon } = server;
  const consul = (id: string, more: object = {}) => ({ id, tags: ['Blue', id], ...more });
  const ttl = 600_000;
  daemon.register(at(1), { ttl, meta: { zone: 'eu', size: 3, consul: consul('one') } });
  daemon.register(at(2), { ttl, meta: { consul: consul('two', { warning: 'slow' }) } });
  daemon.register(at(3), { ttl, meta: { consul: consul('three') }, unhealthy: 'broken' });
  daemon.register(at(4), { ttl, meta: { consul: consul('four') } });
  await daemon.setState(formatId(at(4)), { draining: true });
  daemon.register({ ...at(5, '2.0.0'), host: 'fd00::5' }, { ttl, meta: { consul: 'odd' } });
  daemon.register({ ...at(6), app: 'shop' }, { ttl });
});
afterAll(() => server.stop());

const get = (path: string): Promise<Answered> => server.ask('GET', `/v1${path}`);
const body = async (path: string): Promise<unknown> => (await get(path)).body;
const ports = async (query: string): Promise<number[]> =>
  ((await body(`/health/service/web${query}`)) as Instance[]).map(({ Service }) => Service.Port);

describe('the instances of a service', () => {
  it('are sorted, with all that is not passing', async () => {
    expect(await ports('')).toEqual([1, 2, 3, 4, 5]);
    const all = (await body('/health/service/web')) as Instance[];
    expect(all.map(({ Checks }) => Checks.map(({ Status, Output }) => [Status, Output]))).toEqual([
      [['passing', '']],
      [['warning', 'slow']],
      [['critical', 'broken']],
      [
        ['critical', ''],
        ['passing', ''],
      ],
      [['passing', '']],
    ]);
    expect(all[0]!.Service.Meta).toEqual({ zone: 'eu', size: '3', version: '1.0.0' });
    expect(all[4]).toMatchObject({
      Node: { Node: 'fd00::5', Address: 'fd00::5' },
      Service: { ID: 'web/2.0.0/fd00::5/5', Tags: ['version=2.0.0'], Weights: { Passing: 1, Warning: 1 } },
    });
  });

  it.each([
    ['?passing', [1, 5]],
    ['?passing=1&near=_agent&stale', [1, 5]],
    ['?passing=false', [1, 2, 3, 4, 5]],
    ['?tag=blue', [1, 2, 3, 4]],
    ['?tag=blue&tag=two', [2]],
    ['?tag=none', []],
    ['?node-meta=a:b', []],
    ['?ns=default&partition=&peer=', [1, 2, 3, 4, 5]],
    ['?filter=Service.Port%20!=%203&health_filter=Checks.Status%20==%20critical', [4]],
    ['?dc=test', [1, 2, 3, 4, 5]],
    ['?filter=Service.Meta.zone%20==%20eu', [1]],
    ['?tag=blue&filter=Checks.Status%20==%20%22critical%22', [3, 4]],
  ])('are narrowed by %s', async (query, expected) => {
    expect(await ports(query)).toEqual(expected);
  });

  it.each([
    '?ns=a',
    '?partition=a',
    '?peer=a',
    '?sg=a',
    '?filter=&health_filter=)',
    '?passing=x',
    '?filter=Service.Nothing%20==%201',
    '?filter=)',
    '?index=-1',
    '?wait=soon',
  ])('are refused for %s with 400 and a text', async (query) => {
    const { status, headers } = await get(`/health/service/web${query}`);
    expect([status, headers['content-type']]).toEqual([400, 'text/plain; charset=utf-8']);
  });

  it('come in the catalog in the same order and number, for clients that pair them', async () => {
    for (const query of ['', '?tag=blue', '?tag=two']) {
      const catalog = (await body(`/catalog/service/web${query}`)) as Record<string, unknown>[];
      const health = (await body(`/health/service/web${query}`)) as Instance[];
      expect(catalog.map(({ Node, ServiceID, ServicePort }) => [Node, ServiceID, ServicePort])).toEqual(
        health.map(({ Node, Service }) => [Node.Node, Service.ID, Service.Port]),
      );
    }
  });

  it('of a service that is not there are none', async () => {
    expect(await get('/health/service/none')).toMatchObject({ status: 200, body: [] });
    expect(await get('/catalog/service/none')).toMatchObject({ status: 200, body: [] });
  });
});

it('lists services with their tags', async () => {
  expect(await body('/catalog/services')).toMatchObject({
    shop: ['version=1.0.0'],
    web: ['Blue', 'four', 'one', 'three', 'two', 'version=2.0.0'],
  });
  expect(await body('/catalog/services?filter=ServiceName==shop')).toEqual({ shop: ['version=1.0.0'] });
});

it('has one node for each host', async () => {
  const nodes = (await body('/catalog/nodes')) as Instance['Node'][];
  expect(nodes.map(({ Node }) => Node)).toEqual(['10.0.0.1', '127.0.0.1', 'fd00::5']);
});

it.each([
  ['/health/checks/web', 6],
  ['/health/state/critical', 2],
  ['/health/state/warning', 1],
  ['/health/node/fd00::5', 1],
  ['/health/node/none', 0],
])('lists the checks of %s', async (path, count) => {
  expect(await body(path)).toHaveLength(count);
});

it('refuses a state that does not exist', async () => {
  expect((await get('/health/state/fine')).status).toBe(400);
});

it('says of the agent what clients want to know when they start', async () => {
  expect(await body('/agent/self')).toMatchObject({ Config: { Datacenter: 'test', NodeName: 'one' } });
  expect(await body('/agent/members')).toMatchObject([{ Name: 'one', Addr: '127.0.0.1', Port: 1729, Status: 1 }]);
  expect(await body('/catalog/datacenters')).toEqual(['test']);
  expect(await body('/status/leader')).toBe('127.0.0.1:1729');
  expect(await body('/status/peers')).toEqual(['127.0.0.1:1729']);
});

it('shows all services as those of the agent', async () => {
  const services = (await body('/agent/services')) as Record<string, Instance['Service']>;
  expect(Object.keys(services)).toEqual(
    expect.arrayContaining(['one', 'two', 'three', 'four', 'web/2.0.0/fd00::5/5', 'shop/1.0.0/10.0.0.1/6']),
  );
  expect(services.one).toMatchObject({ ID: 'one', Service: 'web', Port: 1 });
  const checks = (await body('/agent/checks')) as Record<string, Instance['Checks'][number]>;
  expect(checks['service:three']).toMatchObject({ Status: 'critical', Output: 'broken' });
});

it('shows each check of the agent, though services of one app and host have the same ID for theirs', async () => {
  const ids = ['a', 'b', 'c'].map((id, index) => {
    const address = { app: 'twins', version: '1', host: '10.0.0.8', port: 80 + index };
    server.daemon.register(address, { ttl: 600_000, meta: { consul: { id, check: { id: 'alive' } } } });
    return formatId(address);
  });
  const checks = (await body('/agent/checks?filter=CheckID==alive')) as Record<string, Instance['Checks'][number]>;
  expect(Object.entries(checks).map(([name, { ServiceID }]) => [name, ServiceID])).toEqual([
    ['alive', 'a'],
    ['alive@b/10.0.0.8', 'b'],
    ['alive@c/10.0.0.8', 'c'],
  ]);
  for (const id of ids) await server.daemon.deregister(id);
});

it('has no keys, but an index for clients that wait for one', async () => {
  const { status, headers, body: none } = await get('/kv/fabio/config?recurse');
  expect({ status, none }).toEqual({ status: 404, none: '' });
  expect(Number(headers['x-consul-index'])).toBeGreaterThan(0);
});

it('says in the words of Consul that it cannot tell', async () => {
  server.set({ ready: false });
  const { status, body: text } = await get('/catalog/services');
  server.set({ ready: true });
  expect({ status, text }).toMatchObject({ status: 500, text: expect.stringMatching(/^No cluster leader/) });
  expect((await get('/health/service/web?dc=other')).status).toBe(500);
});
