/** What Envoy insists on in REST-JSON discovery, and what bender says to it. */

import { describe, expect, it } from '@jest/globals';
import type { CatalogService } from '../../../../src/daemon/core/catalog/catalog-service.js';
import { clusterOf, clustersOf } from '../../../../src/daemon/surfaces/envoy/clusters.js';
import { loadAssignment } from '../../../../src/daemon/surfaces/envoy/endpoints.js';
import { discoveryResponse } from '../../../../src/daemon/surfaces/envoy/response.js';
import { countingOnce } from '../../../../src/daemon/http/members.js';
import type { Meta } from '../../../../src/model/registration.js';
import { formatId } from '../../../../src/model/registration.js';
import { registryWithTwoAt, untilDone } from '../../../helpers/two-at-one-address.js';
import { mostWritten, registryOfMany } from '../../../helpers/written.js';
import { address, webServer } from './web-server.js';

interface Endpoint {
  endpoint: { address: { socket_address: { address: string; port_value: number } } };
  load_balancing_weight: number;
  health_status?: string;
}
interface Assignment {
  '@type': string;
  cluster_name: string;
  endpoints: { locality: { zone?: string }; lb_endpoints: Endpoint[]; priority?: number }[];
}
interface Response<T> {
  version_info: string;
  type_url: string;
  resources: T[];
}

const web = webServer();
const online = (one: ReturnType<typeof address>, meta: Meta = {}): void =>
  void web.server.daemon.register(one, { ttl: 600_000, meta });

function pool(split?: Record<string, number>): void {
  const { backends, frontends } = web.server.daemon.catalog;
  backends.create({ name: 'web', app: 'web', ...(split ? { split } : { version: '^1' }) }, 'test');
  frontends.create({ name: 'www', backend: 'web' }, 'test');
}

/** What is looked at of a cluster. */
interface Cluster {
  eds_cluster_config: { eds_config: { api_config_source: { cluster_names: [string] } } };
}

const post = (kind: 'endpoints' | 'clusters', body: unknown = {}) =>
  web.server.ask('POST', `/v3/discovery:${kind}`, { body });

async function endpoints(...names: string[]): Promise<Response<Assignment>> {
  const { status, body } = await post('endpoints', { resource_names: names });
  expect(status).toBe(200);
  return body as Response<Assignment>;
}

async function groups(): Promise<Assignment['endpoints']> {
  const { resources } = await endpoints('www');
  return resources[0]!.endpoints;
}

describe('endpoints', () => {
  it('are one resource for each cluster that is asked for, with its name', async () => {
    pool();
    online(address('10.0.0.1'));
    const names = ['www', 'frontend/www', 'backend/web', 'web'];
    const { resources, type_url } = await endpoints(...names, 'www');
    expect(resources.map(({ cluster_name }) => cluster_name)).toEqual(names);
    for (const resource of resources) {
      expect(resource['@type']).toBe('type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment');
      expect(resource.endpoints).toEqual([
        {
          locality: {},
          lb_endpoints: [
            {
              endpoint: { address: { socket_address: { address: '10.0.0.1', port_value: 80 } } },
              load_balancing_weight: 1,
            },
          ],
        },
      ]);
    }
    expect(type_url).toBe(resources[0]!['@type']);
  });

  it('are of the frontend where a backend has the same name', async () => {
    const { backends, frontends } = web.server.daemon.catalog;
    backends.create({ name: 'web', app: 'web', version: '1.0.0' }, 'test');
    frontends.create({ name: 'web' }, 'test');
    online(address('10.0.0.1'));
    expect((await endpoints('web')).resources[0]!.endpoints).toEqual([]);
    expect((await endpoints('backend/web')).resources[0]!.endpoints).toHaveLength(1);
  });

  it('are none for a name that nothing has, so that Envoy keeps what it has, and for no name', async () => {
    pool();
    expect((await endpoints('wwww', 'www')).resources.map(({ cluster_name }) => cluster_name)).toEqual(['www']);
    expect((await endpoints('frontend/web', 'backend/www', 'x/www')).resources).toEqual([]);
    expect((await endpoints()).resources).toEqual([]);
  });

  it('are an empty list where nothing is online', async () => {
    pool();
    expect((await endpoints('www')).resources).toEqual([
      expect.objectContaining({ cluster_name: 'www', endpoints: [] }),
    ]);
  });

  it('are grouped by zone, sorted', async () => {
    pool();
    online(address('10.0.0.1'), { zone: 'b' });
    online(address('10.0.0.2'), { zone: 'a' });
    online(address('10.0.0.3'), { zone: 'b' });
    online(address('10.0.0.4'), { zone: 7 });
    const found = await groups();
    expect(found.map(({ locality, lb_endpoints }) => [locality, lb_endpoints.length])).toEqual([
      [{}, 1],
      [{ zone: 'a' }, 1],
      [{ zone: 'b' }, 2],
    ]);
  });

  it('drain where they drain, with a weight that Envoy takes, and are left out where they have no share', async () => {
    pool({ '1.0.0': 90, '2.0.0': 10, '3.0.0': 0 });
    for (const [host, version] of [
      ['10.0.0.1', '1.0.0'],
      ['10.0.0.2', '2.0.0'],
      ['10.0.0.3', '3.0.0'],
      ['10.0.0.4', '3.0.0'],
    ] as const)
      online(address(host, version));
    for (const [host, version] of [
      ['10.0.0.2', '2.0.0'],
      ['10.0.0.4', '3.0.0'],
    ] as const)
      await web.server.daemon.setState(formatId(address(host, version)), { draining: true });
    const [{ lb_endpoints }] = (await groups()) as [Assignment['endpoints'][0]];
    expect(
      lb_endpoints.map(({ endpoint, load_balancing_weight, health_status }) => [
        endpoint.address.socket_address.address,
        load_balancing_weight,
        health_status,
      ]),
    ).toEqual([
      ['10.0.0.1', 1, undefined],
      ['10.0.0.2', 1, 'DRAINING'],
      ['10.0.0.4', 1, 'DRAINING'],
    ]);
  });

  it('have each address once, where daemons that do not hear each other know two versions there', () => {
    const registry = registryWithTwoAt(web.server.daemon, '10.0.0.1', true);
    const target = { resource: 'Backend', name: 'web', app: 'web', version: '^1' } as const;
    const { pieces } = untilDone(loadAssignment(registry, { name: 'www', target }, undefined, () => undefined));
    const assignment = JSON.parse(pieces.join()) as Assignment;
    // The one that drains is not what callers get.
    expect(assignment.endpoints).toEqual([
      {
        locality: {},
        lb_endpoints: [
          {
            endpoint: { address: { socket_address: { address: '10.0.0.1', port_value: 80 } } },
            load_balancing_weight: 1,
          },
        ],
      },
    ]);
  });

  it.each([undefined, 'eu-1'])(
    'are written in small steps, and count the instances of an app once: zone %s',
    (zone) => {
      const [registry, catalog] = [registryOfMany(5000), web.server.daemon.catalog];
      pool({ '1.0.0': 1 });
      const instances = countingOnce(registry);
      const assignments = ['www', 'frontend/www', 'backend/web', 'web'].map((name) =>
        loadAssignment(instances, clusterOf(catalog, name)!, zone, () => undefined),
      );
      expect(mostWritten(discoveryResponse('endpoints', assignments))).toBeLessThan(64 * 1024);
      expect(registry.counted).toBe(zone === undefined ? 1 : 0);
    },
  );

  it('have two priorities for an Envoy that says its zone', async () => {
    pool({ '1.0.0': 90, '2.0.0': 10 });
    online(address('10.0.0.1'), { zone: 'eu-1' });
    online(address('10.0.0.2'), { zone: 'eu-2' });
    online(address('10.0.0.3'), { zone: 'eu-2' });
    online(address('10.0.0.4'));
    online(address('10.0.0.5', '2.0.0'), { zone: 'eu-2' });
    const node = { id: 'one', locality: { zone: 'eu-1' } };
    const { body } = await post('endpoints', { resource_names: ['www'], node });
    const { resources, version_info } = body as Response<Assignment>;
    const shown = resources[0]!.endpoints.map(({ locality, priority, lb_endpoints }) => ({
      ...{ locality, priority },
      of: lb_endpoints.map(({ endpoint: { address }, load_balancing_weight: weight }) => [
        address.socket_address.address,
        weight,
      ]),
    }));
    expect(shown).toEqual([
      // 2.0.0 has none in the zone, and keeps its share.
      { locality: { zone: 'eu-1' }, priority: undefined, of: [['10.0.0.1', 9]] },
      { locality: { zone: 'eu-2' }, priority: undefined, of: [['10.0.0.5', 1]] },
      { locality: {}, priority: 1, of: [['10.0.0.4', 1]] },
      {
        ...{ locality: { zone: 'eu-2' }, priority: 1 },
        of: [
          ['10.0.0.2', 1],
          ['10.0.0.3', 1],
        ],
      },
    ]);
    expect((await endpoints('www')).version_info).not.toBe(version_info);
    const elsewhere = { ...node, locality: { zone: 'eu-3' } };
    const { version_info: plain } = await endpoints('www');
    expect((await post('endpoints', { resource_names: ['www'], node: elsewhere })).body).toMatchObject({
      version_info: plain,
    });
  });

  it('have no gap in their priorities where nothing near can be expressed', async () => {
    pool();
    online(address('web.example.com'), { zone: 'eu-1' });
    online(address('10.0.0.2'), { zone: 'eu-2' });
    const { body } = await post('endpoints', { resource_names: ['www'], node: { locality: { zone: 'eu-1' } } });
    const { endpoints } = (body as Response<Assignment>).resources[0]!;
    expect(endpoints).toMatchObject([{ locality: { zone: 'eu-2' } }]);
    expect(endpoints[0]).not.toHaveProperty('priority');
  });

  it.each([5, { locality: null }, { locality: { zone: 5 } }, { locality: { zone: '' } }, { locality: {} }])(
    'have one priority for an Envoy whose node is %j',
    async (node) => {
      pool();
      online(address('10.0.0.1'), { zone: 'eu-1' });
      online(address('10.0.0.2'));
      const { status, body } = await post('endpoints', { resource_names: ['www'], node });
      expect(status).toBe(200);
      for (const one of (body as Response<Assignment>).resources[0]!.endpoints)
        expect(one).not.toHaveProperty('priority');
    },
  );

  it('leave out host names, and count them', async () => {
    pool();
    online(address('web.example.com'));
    online(address('fd00::1'));
    const leftOut = web.server.surfaceCounts.entriesLeftOut.get('envoy') ?? 0;
    const [{ lb_endpoints }] = (await groups()) as [Assignment['endpoints'][0]];
    expect(lb_endpoints.map(({ endpoint }) => endpoint.address.socket_address.address)).toEqual(['fd00::1']);
    expect(web.server.surfaceCounts.entriesLeftOut.get('envoy')).toBe(leftOut + 1);
  });
});

describe('the version', () => {
  const ask = (version_info: string) => post('endpoints', { resource_names: ['www'], version_info });

  it('is a digest of the content, and 304 says that it is still the present one', async () => {
    pool();
    online(address('10.0.0.1'));
    const { version_info } = await endpoints('www');
    expect(await ask(version_info)).toMatchObject({ status: 304, body: '' });
    online(address('10.0.0.2'));
    const next = (await ask(version_info)) as { status: number; body: Response<Assignment> };
    expect(next.status).toBe(200);
    expect(next.body.version_info).not.toBe(version_info);
    await web.server.daemon.deregister(formatId(address('10.0.0.2')));
    expect((await ask(version_info)).status).toBe(304);
  });

  it.each(['', '*', 'W/x', '"', '", *, "', 'x'.repeat(5000)])(
    'that bender did not give, %j, is no version',
    async (odd) => {
      pool();
      expect((await ask(odd)).status).toBe(200);
    },
  );

  it('is 304 for all while the daemon is unsure', async () => {
    web.server.set({ ready: false });
    for (const kind of ['endpoints', 'clusters'] as const)
      expect(await post(kind, { resource_names: ['www'] })).toMatchObject({ status: 304, body: '' });
  });
});

describe('a request', () => {
  it('may have a large node, as Envoy sends it', async () => {
    pool();
    const extensions = Array.from({ length: 300 }, (_, index) => ({
      name: `envoy.filters.http.extension_${index}`,
      category: 'envoy.filters.http',
      type_descriptor: '',
      version: { metadata: {} },
    }));
    const node = { id: 'one', cluster: 'edge', user_agent_name: 'envoy', metadata: { a: { b: [1] } }, extensions };
    const body = { node, resource_names: ['www'], type_url: 'x', version_info: '', response_nonce: '' };
    expect(JSON.stringify(body).length).toBeGreaterThan(11_000);
    expect((await post('endpoints', body)).status).toBe(200);
  });

  it('has the name of the cluster as its host, and is taken', async () => {
    pool();
    const { resources } = (await post('clusters')).body as Response<Cluster>;
    const [host] = resources[0]!.eds_cluster_config.eds_config.api_config_source.cluster_names;
    const asked = await web.server.ask('POST', '/v3/discovery:endpoints', { headers: { host }, body: {} });
    expect(asked.status).toBe(200);
  });

  it('may spell its fields as proto3 JSON does', async () => {
    pool();
    const { body } = await post('endpoints', { resourceNames: ['www'] });
    const { resources, version_info } = body as Response<Assignment>;
    expect(resources).toHaveLength(1);
    expect((await post('endpoints', { resourceNames: ['www'], versionInfo: version_info })).status).toBe(304);
  });

  it.each<[string, unknown]>([
    ['is not JSON', '{'],
    ['is a list', []],
    ['names something else than text', { resource_names: [1] }],
    ['names too many', { resource_names: Array.from({ length: 17 }, (_, index) => String(index)) }],
  ])('is refused if it %s', async (_, body) => {
    expect(await post('endpoints', body)).toMatchObject({ status: 400, body: { code: 'INVALID' } });
  });

  it('without a body asks for no endpoints, and for all clusters', async () => {
    pool();
    const ask = (kind: string) => web.server.ask('POST', `/v3/discovery:${kind}`);
    expect((await ask('endpoints')).body).toMatchObject({ resources: [] });
    expect(((await ask('clusters')).body as Response<object>).resources).toHaveLength(2);
  });
});

describe('clusters', () => {
  const eds_cluster_config = {
    eds_config: {
      resource_api_version: 'V3',
      api_config_source: {
        api_type: 'REST',
        transport_api_version: 'V3',
        cluster_names: ['bender.localhost'],
        refresh_delay: '1s',
      },
    },
  };
  const cluster = (name: string, extra = {}) => ({
    '@type': 'type.googleapis.com/envoy.config.cluster.v3.Cluster',
    name,
    type: 'EDS',
    eds_cluster_config,
    ...extra,
  });

  it('are all frontends and backends, with the way to their endpoints', async () => {
    pool();
    const { body } = await post('clusters');
    const { resources, version_info } = body as Response<{ name: string }>;
    expect(resources).toEqual([cluster('www'), cluster('backend/web')]);
    expect((await post('clusters', { version_info })).status).toBe(304);
    // What is online is no news for clusters.
    online(address('10.0.0.1'));
    expect((await post('clusters', { version_info })).status).toBe(304);
    for (const { name } of resources) expect((await endpoints(name)).resources).toHaveLength(1);
  });

  it('speak as the routing facts say', async () => {
    pool();
    const { backends, frontends } = web.server.daemon.catalog;
    backends.update('web', { routing: { scheme: 'https' } }, 'test');
    frontends.create({ name: 'grpc', backend: 'web', routing: { scheme: 'h2c' } }, 'test');
    const { resources } = (await post('clusters')).body as Response<{ name: string }>;
    const type = 'type.googleapis.com/envoy.extensions';
    const options = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';
    const tls = {
      transport_socket: {
        name: 'envoy.transport_sockets.tls',
        typed_config: { '@type': `${type}.transport_sockets.tls.v3.UpstreamTlsContext` },
      },
    };
    const h2c = {
      '@type': `type.googleapis.com/${options}`,
      explicit_http_config: { http2_protocol_options: {} },
    };
    expect(resources).toEqual([
      cluster('grpc', { typed_extension_protocol_options: { [options]: h2c } }),
      cluster('www', tls),
      cluster('backend/web', tls),
    ]);
  });

  it('are written in small steps', () => {
    const list = () => Array.from({ length: 5000 }, (_, index) => ({ name: `www-${index}` }));
    const catalog = { backends: { list: () => [] }, frontends: { list } } as unknown as CatalogService;
    expect(mostWritten(discoveryResponse('clusters', [clustersOf(catalog)]))).toBeLessThan(160 * 1024);
  });

  it('are an empty list where there are none', async () => {
    expect((await post('clusters')).body).toMatchObject({ resources: [] });
  });
});
