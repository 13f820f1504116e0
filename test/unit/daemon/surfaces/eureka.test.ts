/** Eureka's REST interface: what registers, what is answered, and what is refused. */

import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Registration } from '../../../../src/model/registration.js';
import { ApiServer } from '../../../helpers/api-server.js';
import { TestSource, testToken } from '../../../helpers/tokens.js';

let server: ApiServer;
beforeAll(async () => {
  server = await ApiServer.start();
});
afterAll(() => server.stop());
afterEach(async () => {
  server.set({ synced: true, stale: false });
  for (const { id, app } of server.daemon.registrations({})) if (app !== 'bender') await server.daemon.deregister(id);
});

const json = { accept: 'application/json' };
const xmlType = { 'content-type': 'application/xml' };

/** As Spring Cloud registers. */
const spring = (fields: object = {}) => ({
  instance: {
    instanceId: 'host.example:web:8080',
    hostName: 'host.example',
    app: 'WEB',
    ipAddr: '10.0.0.1',
    status: 'UP',
    overriddenStatus: 'UNKNOWN',
    port: { $: 8080, '@enabled': 'true' },
    securePort: { $: 443, '@enabled': 'false' },
    countryId: 1,
    dataCenterInfo: { '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo', name: 'MyOwn' },
    leaseInfo: { renewalIntervalInSecs: 10, durationInSecs: 30, registrationTimestamp: 0 },
    metadata: { version: '1.2.0', zone: 'eu-1' },
    homePageUrl: 'http://host.example:8080/',
    healthCheckUrl: 'http://host.example:8080/health',
    vipAddress: 'web',
    secureVipAddress: 'web',
    isCoordinatingDiscoveryServer: 'false',
    lastUpdatedTimestamp: '1',
    lastDirtyTimestamp: '1',
    ...fields,
  },
});

const xml = `<?xml version="1.0"?>
  <instance><instanceId>i-1</instanceId><hostName>10.0.0.2</hostName><app>WEB</app><ipAddr>10.0.0.2</ipAddr>
    <status>UP</status><port enabled="false">80</port><securePort enabled="true">8443</securePort>
    <dataCenterInfo class="com.netflix.appinfo.AmazonInfo"><name>Amazon</name>
      <metadata><availability-zone>us-1</availability-zone></metadata></dataCenterInfo>
    <leaseInfo><durationInSecs>60</durationInSecs></leaseInfo>
    <metadata class="java.util.HashMap"><version>2.0.0</version><note>a &lt; b</note></metadata></instance>`;

async function register(body: unknown = spring(), app = 'WEB', headers: Record<string, string> = {}) {
  const answered = await server.ask('POST', `/eureka/apps/${app}`, { body, headers });
  expect([answered.status, answered.body]).toEqual([204, '']);
}

const online = (): Registration[] => server.daemon.registrations({ app: 'web' });
const status = async (method: string, path: string, body?: unknown): Promise<number> =>
  (await server.ask(method, `/eureka${path}`, { body })).status;

interface Applications {
  applications: { apps__hashcode: string; application: { name: string; instance: Record<string, unknown>[] }[] };
}
async function applications(path = '/apps'): Promise<Applications['applications']> {
  const { body } = await server.ask('GET', `/eureka${path}`, { headers: json });
  return (body as Applications).applications;
}
const instances = async (path = '/vips/web') =>
  (await applications(path)).application.flatMap(({ instance }) => instance);

describe('an instance that registers', () => {
  it('is a registration with the version of its metadata and the TTL of its lease', async () => {
    await register();
    expect(online()).toMatchObject([
      {
        id: 'web/1.2.0/host.example/8080',
        ttl: 30_000,
        instance: 'host.example:web:8080',
        meta: {
          zone: 'eu-1',
          eureka: {
            ipAddr: '10.0.0.1',
            vipAddress: 'web',
            homePageUrl: 'http://host.example:8080/',
            healthCheckUrl: 'http://host.example:8080/health',
          },
        },
      },
    ]);
  });

  it('comes back as it went in', async () => {
    await register();
    const [{ leaseInfo, lastUpdatedTimestamp, lastDirtyTimestamp, actionType, ...found }] = (await instances()) as [
      Record<string, unknown>,
    ];
    const { leaseInfo: given, lastUpdatedTimestamp: _, lastDirtyTimestamp: __, ...sent } = spring().instance;
    expect(found).toEqual(sent);
    expect(leaseInfo).toMatchObject({ durationInSecs: given.durationInSecs, renewalIntervalInSecs: 10 });
    expect([lastUpdatedTimestamp, lastDirtyTimestamp, actionType]).toEqual([
      expect.stringMatching(/^\d+$/),
      expect.stringMatching(/^\d+$/),
      'ADDED',
    ]);
  });

  it('may do so in XML, with its secure port and the metadata of Amazon', async () => {
    await register(xml, 'WEB', xmlType);
    expect(online()).toMatchObject([{ id: 'web/2.0.0/10.0.0.2/8443', ttl: 60_000, meta: { note: 'a < b' } }]);
    const answered = await server.ask('GET', '/eureka/v2/apps/web/i-1/');
    expect(answered.headers['content-type']).toBe('application/xml');
    for (const part of [
      '<port enabled="false">8443</port><securePort enabled="true">8443</securePort>',
      '<dataCenterInfo class="com.netflix.appinfo.AmazonInfo"><name>Amazon</name><metadata><availability-zone>us-1</availability-zone></metadata></dataCenterInfo>',
      '<metadata><note>a &lt; b</note><version>2.0.0</version></metadata>',
      '<overriddenstatus>UNKNOWN</overriddenstatus>',
    ])
      expect(answered.body).toContain(part);
  });

  it('needs no more than a host and a port', async () => {
    await register({ instance: { hostName: 'a', port: 80 } }, 'Web');
    expect(online()).toMatchObject([{ id: 'web/0.0.0/a/80', instance: 'a', ttl: 90_000 }]);
  });

  it.each(['DOWN', 'STARTING', 'OUT_OF_SERVICE', 'UNKNOWN', 'odd'])('is offline with the status %s', async (of) => {
    const path = '/apps/WEB/host.example:web:8080';
    await register(spring({ status: of }));
    expect(online()).toEqual([]);
    expect([await status('GET', '/apps/WEB'), await status('GET', path)]).toEqual([404, 404]);
    expect((await applications()).application.map(({ name }) => name)).toEqual(['BENDER']);
    // It is renewed all the same.
    expect(await status('PUT', path)).toBe(200);
    await register();
    expect(online()).toHaveLength(1);
    await register(spring({ status: of }));
    expect([await status('DELETE', path), await status('PUT', path)]).toEqual([200, 404]);
  });

  it('stays drained when it registers again', async () => {
    await register();
    await status('PUT', '/apps/WEB/host.example:web:8080/status?value=OUT_OF_SERVICE');
    await register();
    expect(online()).toMatchObject([{ draining: true }]);
  });

  it.each([
    ['nothing', undefined, {}, 400],
    ['no instance', {}, {}, 400],
    ['a list', [spring()], {}, 400],
    ['no JSON', '{"instance"', { 'content-type': 'application/json' }, 400],
    ['another app', spring({ app: 'API' }), {}, 400],
    ['no port', spring({ port: undefined }), {}, 400],
    ['no host', spring({ hostName: '', ipAddr: '' }), {}, 400],
    ['a lease of a day and more', spring({ leaseInfo: { durationInSecs: 86_401 } }), {}, 400],
    ['a lease that is no number', spring({ leaseInfo: { durationInSecs: 'long' } }), {}, 400],
    ['an id with a slash', spring({ instanceId: 'a/b' }), {}, 400],
    ['too much metadata', spring({ metadata: { a: 'a'.repeat(5000) } }), {}, 400],
    ['too large a body', spring({ note: 'a'.repeat(70_000) }), {}, 413],
    ['broken XML', '<instance><port>80</instance>', xmlType, 400],
    ['XML with entities', `<!DOCTYPE i [<!ENTITY a "aaaa">]>${xml.slice(21)}`, xmlType, 400],
    ['XML that is nested deeply', `<instance>${'<a>'.repeat(9000)}${'</a>'.repeat(9000)}</instance>`, xmlType, 400],
    ['names of prototypes', '<instance><__proto__><a>1</a></__proto__></instance>', xmlType, 400],
  ])('is refused with %s', async (_, body, headers, expected) => {
    const answered = await server.ask('POST', '/eureka/apps/WEB', { body, headers });
    expect(answered).toMatchObject({ status: expected, body: { code: expect.any(String) } });
    expect(online()).toEqual([]);
  });
});

describe('an instance that is there', () => {
  const path = '/apps/web/host.example:web:8080';

  it('is renewed, with the parameters of Java clients as well', async () => {
    await register();
    expect(await status('PUT', path)).toBe(200);
    expect(await status('PUT', `/v2${path}/?status=UP&lastDirtyTimestamp=1`)).toBe(200);
  });

  it('has to register again once it is unknown', async () => {
    expect(await status('PUT', path)).toBe(404);
    await register();
    expect(await status('PUT', '/apps/other/host.example:web:8080')).toBe(404);
  });

  it('is sent to another daemon by one that does not know yet', async () => {
    server.set({ synced: false });
    expect(await status('PUT', path)).toBe(503);
  });

  it('is drained by a status, and back by another or none', async () => {
    await register();
    const shown = async () => {
      const [one] = await instances();
      return [one!.status, one!.overriddenStatus, (await applications('/vips/web')).apps__hashcode];
    };
    for (const of of ['OUT_OF_SERVICE', 'DOWN']) {
      expect(await status('PUT', `${path}/status?value=${of}`)).toBe(200);
      expect(online()).toMatchObject([{ draining: true, drainReason: `Eureka: ${of}` }]);
      expect(await shown()).toEqual(['OUT_OF_SERVICE', 'OUT_OF_SERVICE', 'OUT_OF_SERVICE_1_']);
    }
    expect(await status('DELETE', `${path}/status`)).toBe(200);
    expect(await shown()).toEqual(['UP', 'UNKNOWN', 'UP_1_']);
    expect(await status('PUT', `${path}/status?value=UP`)).toBe(200);
    expect(await status('PUT', `${path}/status?value=odd`)).toBe(400);
  });

  it('is replaced by one that registers with its id at another address', async () => {
    await register();
    await register(spring({ port: { $: 8081, '@enabled': 'true' }, metadata: { version: '2.0.0' } }));
    expect(online().map(({ id }) => id)).toEqual(['web/2.0.0/host.example/8081']);
    expect([await status('PUT', path), await status('DELETE', path), await status('PUT', path)]).toEqual([
      200, 200, 404,
    ]);
  });

  it('leaves alone what did not register with its id', async () => {
    server.daemon.register({ app: 'web', version: '1.0.0', host: 'host.example', port: 8080 }, { ttl: 30_000 });
    await register(spring({ hostName: 'b' }));
    await register(spring({ hostName: 'c', instanceId: 'c' }));
    expect(online().map(({ host }) => host)).toEqual(['host.example', 'b', 'c']);
  });

  it('is not said to be gone by a daemon that is cut off, but has to register again', async () => {
    server.set({ stale: true });
    const answered = [
      await status('DELETE', path),
      await status('PUT', `${path}/status?value=UP`),
      await status('DELETE', `${path}/status`),
      await status('PUT', path),
    ];
    expect(answered).toEqual([503, 503, 503, 404]);
  });

  it('is ended', async () => {
    await register();
    expect(await status('DELETE', path)).toBe(200);
    expect(online()).toEqual([]);
    expect(await status('DELETE', path)).toBe(404);
  });

  it('is found by its id alone, and by its app', async () => {
    await register();
    for (const found of [path, '/instances/host.example:web:8080', '/v2/apps/wEb/host.example:web:8080/']) {
      const { body } = await server.ask('GET', `/eureka${found}`, { headers: json });
      expect(body).toMatchObject({ instance: { app: 'WEB', hostName: 'host.example' } });
    }
    const { body } = await server.ask('GET', '/eureka/apps/Web', { headers: json });
    expect(body).toMatchObject({ application: { name: 'WEB', instance: [{ hostName: 'host.example' }] } });
    expect(await status('GET', '/apps/none')).toBe(404);
    expect(await status('GET', '/instances/none')).toBe(404);
  });
});

describe('what did not come from a client of Eureka', () => {
  const add = (app: string, host: string, meta = {}) =>
    server.daemon.register({ app, version: '1.0.0', host, port: 80 }, { ttl: 30_000, meta, instance: 'x' });

  it('has an id of host, app and port, by which it can be drained', async () => {
    add('web', '10.0.0.1', { zone: 'a', list: [1], on: true });
    expect(await instances()).toMatchObject([
      {
        instanceId: '10.0.0.1:web:80',
        ipAddr: '10.0.0.1',
        vipAddress: 'web',
        metadata: { zone: 'a', list: '[1]', on: 'true', version: '1.0.0' },
      },
    ]);
    expect(await status('PUT', '/apps/WEB/10.0.0.1:web:80/status?value=OUT_OF_SERVICE')).toBe(200);
    expect(online()).toMatchObject([{ draining: true }]);
  });

  it('is one app with those whose names differ in case', async () => {
    add('web', '10.0.0.1');
    add('Web', '10.0.0.1');
    const all = (await applications()).application.filter(({ name }) => name === 'WEB');
    expect(all.map(({ instance }) => instance.map(({ instanceId }) => instanceId))).toEqual([
      ['10.0.0.1:Web:80', '10.0.0.1:web:80'],
    ]);
    expect(await status('PUT', '/apps/WEB/10.0.0.1:Web:80')).toBe(200);
  });

  it('cannot spoil the list with its metadata', async () => {
    add('web', '10.0.0.1', {
      eureka: { ipAddr: 'x', securePort: 'y', vipAddress: 7, dataCenterInfo: { name: 'Moon' } },
      'no name': 'a',
      '<b>': 'b',
      'a.b-c': '<&"\'>\u0001\ufffe\ud800',
    });
    expect(await instances()).toMatchObject([
      { ipAddr: '10.0.0.1', vipAddress: 'web', dataCenterInfo: { name: 'MyOwn' }, securePort: { $: 443 } },
    ]);
    const { body } = await server.ask('GET', '/eureka/vips/web');
    expect(body).toContain('<metadata><a.b-c>&lt;&amp;&quot;&apos;&gt;</a.b-c><version>1.0.0</version></metadata>');
  });

  it('cannot name attributes or classes by its metadata', async () => {
    const odd = { '@class': 'java.lang.Evil', $: '<script>', zone: 'a' };
    add('web', '10.0.0.1', { ...odd, eureka: { dataCenterInfo: { name: 'Amazon', metadata: odd } } });
    expect(await instances()).toMatchObject([{ metadata: { zone: 'a', version: '1.0.0' } }]);
    const { body } = await server.ask('GET', '/eureka/vips/web', { headers: json });
    expect(JSON.stringify(body)).not.toMatch(/Evil|script/);
    expect((await server.ask('GET', '/eureka/vips/web')).body).not.toMatch(/Evil|script/);
  });

  it('has a host name for its address, if it has no other', async () => {
    add('web', 'web.example');
    expect(await instances()).toMatchObject([{ hostName: 'web.example', ipAddr: 'web.example' }]);
  });
});

it('lists the daemons too, and counts statuses in order', async () => {
  await register();
  await register(spring({ instanceId: 'b', hostName: 'b' }));
  await status('PUT', '/apps/WEB/b/status?value=OUT_OF_SERVICE');
  const { application, apps__hashcode } = await applications('/v2/apps/');
  expect(application.map(({ name, instance }) => [name, instance.length])).toEqual([
    ['BENDER', 1],
    ['WEB', 2],
  ]);
  expect(apps__hashcode).toBe('OUT_OF_SERVICE_1_UP_2_');
});

it('has clients fetch everything in the place of a delta', async () => {
  expect(await status('GET', '/apps/delta')).toBe(404);
});

it('takes a token in the URL, and asks for that of the app as bender calls it', async () => {
  const [web, other] = [testToken({ role: 'write', apps: ['web'] }), testToken({ role: 'write', apps: ['WEB'] })];
  const closed = await ApiServer.start({ tokens: new TestSource([web, other]) });
  const basic = (token: string) => ({
    authorization: `Basic ${Buffer.from(`x:${token}`).toString('base64')}`,
  });
  const ask = async (token: string) =>
    (await closed.ask('POST', '/eureka/apps/WEB', { body: spring(), headers: basic(token) })).status;
  try {
    expect([await ask(web.token), await ask(other.token)]).toEqual([204, 403]);
    const { status: missing, headers } = await closed.ask('GET', '/eureka/apps');
    expect([missing, headers['www-authenticate']]).toEqual([401, 'Bearer realm="bender"']);
  } finally {
    await closed.stop();
  }
});

it('ignores instances with its id that the token is not for', async () => {
  const [web, upper] = [testToken({ role: 'write', apps: ['web'] }), testToken({ role: 'write', apps: ['WEB'] })];
  const closed = await ApiServer.start({ tokens: new TestSource([web, upper]) });
  const ask = async (method: string, path: string, { token } = web, body?: unknown) =>
    (await closed.ask(method, `/eureka/apps/${path}`, { body, headers: { authorization: `Bearer ${token}` } })).status;
  const path = 'WEB/host.example:web:8080';
  const add = (app: string, host: string) =>
    closed.daemon.register(
      { app, version: '1.0.0', host, port: 80 },
      { ttl: 30_000, instance: 'host.example:web:8080', meta: { eureka: {} } },
    );
  try {
    add('WEB', '10.0.0.1');
    expect(await ask('POST', 'WEB', web, spring())).toBe(204);
    expect(await ask('PUT', path)).toBe(200);
    expect(await ask('PUT', `${path}/status?value=OUT_OF_SERVICE`)).toBe(200);
    const drained = closed.daemon.registrations({}).filter(({ draining }) => draining);
    expect(drained.map(({ app }) => app)).toEqual(['web']);
    expect([await ask('DELETE', path), await ask('DELETE', path)]).toEqual([200, 404]);
    expect([await ask('DELETE', path, upper), closed.daemon.registrations({ app: 'WEB' })]).toEqual([200, []]);
  } finally {
    await closed.stop();
  }
});

it('takes no more instances than the quota allows', async () => {
  const token = testToken({ role: 'write', maxRegistrations: 1 });
  const closed = await ApiServer.start({ tokens: new TestSource([token]) });
  const headers = { authorization: `Bearer ${token.token}` };
  try {
    const ask = async (instance: object) =>
      (await closed.ask('POST', '/eureka/apps/WEB', { body: spring(instance), headers })).status;
    expect([await ask({}), await ask({}), await ask({ hostName: 'b', instanceId: 'b' })]).toEqual([204, 204, 429]);
  } finally {
    await closed.stop();
  }
});
