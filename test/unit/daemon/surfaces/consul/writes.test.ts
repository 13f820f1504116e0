/** Registering, reporting, draining and deregistering as Consul's clients do. */

import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Pressure } from '../../../../../src/daemon/http/pressure.js';
import type { Instance } from '../../../../../src/daemon/surfaces/consul/instance.js';
import { asId, formatId } from '../../../../../src/model/registration.js';
import { ApiServer, type Answered } from '../../../../helpers/api-server.js';
import { bearer, TestSource, testToken } from '../../../../helpers/tokens.js';

let server: ApiServer;
/** Another address for each test: one that is updated again and again is updated once per second. */
let Port = 8080;
beforeAll(async () => {
  server = await ApiServer.start();
});
afterAll(() => server.stop());

afterEach(async () => {
  Port++;
  const instances = (await server.ask('GET', '/v1/health/service/web')).body as Instance[];
  for (const { Service, Node } of instances) {
    const version = Service.Meta.version!;
    await server.daemon.deregister(formatId({ app: 'web', version, host: Node.Node, port: Service.Port }));
  }
});

const service = {
  Name: 'web',
  ID: 'web-1',
  Address: '10.0.0.1',
  Tags: ['blue'],
  Meta: { zone: 'eu', version: '1.2.0' },
  Check: { TTL: '60s' },
};

const register = (fields: object = {}): Promise<Answered> =>
  server.ask('PUT', '/v1/agent/service/register', { body: { ...service, Port, ...fields } });

const put = (path: string): Promise<Answered> => server.ask('PUT', path);

async function instances(query = ''): Promise<Instance[]> {
  return (await server.ask('GET', `/v1/health/service/web${query}`)).body as Instance[];
}

const statuses = async (): Promise<string[]> =>
  (await instances()).flatMap(({ Checks }) => Checks.map(({ CheckID, Status }) => `${CheckID} ${Status}`));

describe('registering', () => {
  it('begins critical, and is online for everyone once the check passes', async () => {
    expect(await register()).toMatchObject({ status: 200, body: '' });
    expect(await statuses()).toEqual(['service:web-1 critical']);
    expect(await instances('?passing')).toEqual([]);
    expect(server.daemon.registrations({ app: 'web' })).toEqual([]);

    expect(await put('/v1/agent/check/pass/service%3Aweb-1?note=ok')).toMatchObject({ status: 200, body: '' });
    expect(await statuses()).toEqual(['service:web-1 passing']);
    expect(server.daemon.registrations({ app: 'web' })).toMatchObject([
      {
        id: `web/1.2.0/10.0.0.1/${Port}`,
        ttl: 60_000,
        meta: { zone: 'eu', version: '1.2.0', consul: { id: 'web-1', tags: ['blue'] } },
      },
    ]);
    expect(await instances('?passing=true')).toMatchObject([
      {
        Node: { Node: '10.0.0.1', Address: '10.0.0.1', Datacenter: 'test' },
        Service: { ID: 'web-1', Service: 'web', Tags: ['blue'], Address: '10.0.0.1', Port },
      },
    ]);
    expect((await instances())[0]!.Service.Meta).toEqual({ zone: 'eu', version: '1.2.0' });
  });

  it('keeps the status when the same service registers again', async () => {
    await register();
    await put('/v1/agent/check/pass/service:web-1');
    await register({ Tags: ['green'] });
    expect(await instances('?passing')).toMatchObject([{ Service: { Tags: ['green'] } }]);
  });

  it('takes an initial status', async () => {
    await register({ Check: { TTL: '60s', Status: 'passing' } });
    expect(await statuses()).toEqual(['service:web-1 passing']);
  });

  it('reads names of fields in any case, and bodies without a type', async () => {
    const body = JSON.stringify({
      name: 'web',
      id: 'web-2',
      address: '10.0.0.2',
      port: 80,
      tags: ['version=3.1'],
      meta: null,
      check: { ttl: '30s', status: 'passing', deregister_critical_service_after: '1m' },
    });
    expect(await server.ask('PUT', '/v1/agent/service/register', { body })).toMatchObject({ status: 200 });
    expect(server.daemon.registration('web/3.1/10.0.0.2/80')).toMatchObject({ ttl: 30_000 });
  });

  it('takes the address that the client has, and 0.0.0, if neither is said', async () => {
    await register({ Address: '', Meta: {}, Tags: null, ID: '' });
    expect(server.daemon.known(asId(`web/0.0.0/127.0.0.1/${Port}`))).toBeDefined();
    expect((await instances())[0]!.Service).toMatchObject({ ID: 'web', Tags: [] });
  });

  it('replaces what had this ID on the same host, and leaves other hosts alone', async () => {
    await register();
    await register({ Address: '10.0.0.2' });
    await register({ Port: 9090 });
    expect((await instances()).map(({ Service: { Address, Port } }) => `${Address}:${Port}`)).toEqual([
      '10.0.0.1:9090',
      `10.0.0.2:${Port}`,
    ]);
  });

  it.each([
    ['no name', { Name: '' }, /^Missing service name/],
    ['no check', { Check: null }, /^Missing Check: .*register with a check/],
    ['two checks', { Checks: [{ TTL: '10s' }] }, /one check/],
    ['a script', { Check: { Args: ['x'] } }, /no other kind/],
    ['a TTL of 500 ms', { Check: { TTL: '500ms' } }, /from 1s to 24h, not '500ms'/],
    ['a TTL that is none', { Check: { TTL: 'soon' } }, /not 'soon'/],
    ['a TTL and a probe', { Check: { TTL: '10s', TCP: '10.0.0.1:1' } }, /one of them/],
    ['a probe of another host', { Check: { HTTP: 'http://10.0.0.2:99/', Interval: '5s' } }, /own Address and Port/],
    ['a probe of another port', { Check: { TCP: '10.0.0.1:1', Interval: '5s' } }, /own Address and Port/],
    ['a probe of what is no URL', { Check: { HTTP: 'ftp://10.0.0.1/', Interval: '5s' } }, /must be a URL/],
    ['a probe without an interval', { Port: 99, Check: { TCP: '10.0.0.1:99' } }, /Interval must be given/],
    ['a probe too often', { Port: 99, Check: { TCP: '10.0.0.1:99', Interval: '1ms' } }, /from 1000 to 600000 ms/],
    ['a probe by POST', { Port: 99, Check: { HTTP: 'http://10.0.0.1:99/', Method: 'POST' } }, /by GET/],
    ['an odd status', { Check: { TTL: '1s', Status: 'x' } }, /passing, warning or critical/],
    ['no port', { Port: 0 }, /'port' must be from 1/],
    ['the reserved key', { Meta: { consul: 'x' } }, /reserved/],
    ['metadata that are no texts', { Meta: { a: 1 } }, /'a' must be a string/],
    ['a proxy', { Kind: 'connect-proxy' }, /not supported/],
    ['tags that are none', { Tags: 'a' }, /must be a list/],
    ['the name of daemons', { Name: 'bender' }, /daemons themselves/],
  ])('refuses %s with 400 and a text', async (_, fields, message) => {
    const { status, headers, body } = await register(fields);
    expect({ status, type: headers['content-type'] }).toEqual({ status: 400, type: 'text/plain; charset=utf-8' });
    expect(body).toMatch(message);
  });

  it.each(['', '{', '[]', 'null', '"x"'])('refuses the body %j', async (body) => {
    expect((await server.ask('PUT', '/v1/agent/service/register', { body })).status).toBe(400);
  });

  it('has its own answer for the catalog, which follows the services', async () => {
    for (const what of ['register', 'deregister'])
      expect(await server.ask('PUT', `/v1/catalog/${what}`, { body: {} })).toMatchObject({ status: 400 });
  });
});

describe('a check', () => {
  it.each([
    ['PUT', 'PUT'],
    ['GET', 'python-consul'],
  ])('reports by %s', async (method) => {
    await register();
    const report = (what: string): Promise<Answered> => server.ask(method, `/v1/agent/check/${what}/service:web-1`);
    await report('pass');
    await server.ask(method, '/v1/agent/check/warn/service:web-1?note=slow');
    expect(await instances()).toMatchObject([{ Checks: [{ Status: 'warning', Output: 'slow' }] }]);
    expect(server.daemon.registrations({ app: 'web' })).toHaveLength(1);
    expect(await instances('?passing')).toEqual([]);

    await server.ask(method, '/v1/agent/check/fail/service:web-1?note=broken%0Adisk');
    expect(await instances()).toMatchObject([{ Checks: [{ Status: 'critical', Output: 'broken\\ndisk' }] }]);
    expect(server.daemon.registrations({ app: 'web' })).toEqual([]);

    await report('pass');
    expect(await instances('?passing')).toMatchObject([{ Checks: [{ Status: 'passing', Output: '' }] }]);
  });

  it('reports by an update', async () => {
    await register();
    const update = (body: object): Promise<Answered> =>
      server.ask('PUT', '/v1/agent/check/update/service:web-1', { body });
    expect(await update({ Status: 'passing', Output: 'fine' })).toMatchObject({ status: 200 });
    expect(await statuses()).toEqual(['service:web-1 passing']);
    expect(await update({ Status: 'odd' })).toMatchObject({ status: 400 });
  });

  it('of an unknown ID is a 404, for its client to register again', async () => {
    expect(await put('/v1/agent/check/pass/service:none')).toMatchObject({
      status: 404,
      body: expect.stringMatching(/^Unknown check ID "service:none"/),
    });
    expect(await put('/v1/agent/service/deregister/none')).toMatchObject({ status: 404 });
  });

  it('has a name and an ID of its own if it is given one, also later', async () => {
    await register({ Check: { CheckID: 'mine', Name: 'Mine', TTL: '60s' } });
    expect(await put('/v1/agent/check/pass/mine')).toMatchObject({ status: 200 });
    const body = { ServiceID: 'web-1', ID: 'other', Name: 'Other', TTL: '90s', Status: 'passing' };
    expect(await server.ask('PUT', '/v1/agent/check/register', { body })).toMatchObject({ status: 200 });
    expect(await put('/v1/agent/check/pass/mine')).toMatchObject({ status: 404 });
    expect(await put('/v1/agent/check/pass/other')).toMatchObject({ status: 200 });
    expect(await instances()).toMatchObject([{ Checks: [{ CheckID: 'other', Name: 'Other', Status: 'passing' }] }]);
    expect(server.daemon.registrations({ app: 'web' })).toMatchObject([{ ttl: 90_000 }]);
    expect(await put('/v1/agent/check/deregister/other')).toMatchObject({ status: 400 });
  });

  it('asks for IDs of their own if several hosts use the same, unless it comes from one of them', async () => {
    await register({ ID: '', Address: '10.0.0.1' });
    await register({ ID: '', Address: '10.0.0.2' });
    expect(await put('/v1/agent/check/pass/service:web')).toMatchObject({
      status: 400,
      body: expect.stringMatching(/10\.0\.0\.1, 10\.0\.0\.2/),
    });
    await register({ ID: '', Address: '127.0.0.1' });
    expect(await put('/v1/agent/check/pass/service:web')).toMatchObject({ status: 200 });
    expect(await instances('?passing')).toMatchObject([{ Service: { Address: '127.0.0.1' } }]);
  });

  it('renews a registration of bender itself, too', async () => {
    server.daemon.register({ app: 'web', version: '1', host: 'h', port: 1 }, { instance: 'a', meta: { a: 1 } });
    const [{ Service, Checks }] = (await instances()) as [Instance];
    expect(Service).toMatchObject({ ID: 'web/1/h/1', Tags: ['version=1'], Meta: { a: '1', version: '1' } });
    const path = (what: string): string => `/v1/agent/check/${what}/${encodeURIComponent(Checks[0]!.CheckID)}`;
    for (const what of ['pass', 'warn', 'pass']) expect(await put(path(what))).toMatchObject({ status: 200 });
    expect(server.daemon.registration('web/1/h/1')).toMatchObject({ instance: 'a', meta: { a: 1 } });
  });
});

describe('a report is a renewal first of all', () => {
  afterEach(() => void jest.restoreAllMocks());

  it('while the daemon is overloaded: only a change of the status is refused', async () => {
    await register({ Check: { TTL: '60s', Status: 'passing' } });
    const renewed = jest.spyOn(server.daemon, 'renewKnown');
    jest.spyOn(Pressure.prototype, 'overloaded', 'get').mockReturnValue(true);
    const report = (Status: string): Promise<Answered> =>
      server.ask('PUT', '/v1/agent/check/update/service:web-1', { body: { Status } });
    expect((await put('/v1/agent/check/pass/service:web-1')).status).toBe(200);
    expect((await report('passing')).status).toBe(200);
    for (const what of ['fail', 'warn']) expect((await put(`/v1/agent/check/${what}/service:web-1`)).status).toBe(503);
    expect((await report('critical')).status).toBe(503);
    expect(renewed).toHaveBeenCalledTimes(5);
    jest.restoreAllMocks();
    expect(await statuses()).toEqual(['service:web-1 passing']);
    expect((await put('/v1/agent/check/fail/service:web-1?note=x')).status).toBe(200);
    const changed = jest.spyOn(server.daemon, 'setHealth');
    jest.spyOn(Pressure.prototype, 'overloaded', 'get').mockReturnValue(true);
    expect((await put('/v1/agent/check/fail/service:web-1?note=x')).status).toBe(200);
    expect(changed).not.toHaveBeenCalled();
  });

  it('beyond the quota of metadata: only the note is refused', async () => {
    const mine = testToken({ role: 'write', maxMetaBytes: 150 });
    const guarded = await ApiServer.start({ tokens: new TestSource([mine]) });
    try {
      const headers = bearer(mine.token);
      const body = { ...service, Port, Check: { TTL: '60s', Status: 'passing' } };
      expect((await guarded.ask('PUT', '/v1/agent/service/register', { headers, body })).status).toBe(200);
      const renewed = jest.spyOn(guarded.daemon, 'renewKnown');
      const path = `/v1/agent/check/warn/service:web-1?note=${'x'.repeat(100)}`;
      expect((await guarded.ask('PUT', path, { headers })).status).toBe(429);
      expect(renewed.mock.results).toMatchObject([{ value: true }]);
    } finally {
      await guarded.stop();
    }
  });
});

describe('a check by HTTP or TCP', () => {
  it.each([
    [{ HTTP: 'http://10.0.0.1:99/health?deep', Timeout: '30s' }, { http: '/health?deep', timeout: 10_000 }, 'http'],
    [{ HTTP: 'https://10.0.0.1:99', TLSSkipVerify: true }, { https: '/', skipVerify: true }, 'http'],
    [{ TCP: '10.0.0.1:99', FailuresBeforeCritical: 1, SuccessBeforePassing: 2 }, { fails: 2, passes: 2 }, 'tcp'],
    [{ TCP: '10.0.0.1:99', DeregisterCriticalServiceAfter: '2m' }, { tcp: true, deregisterAfter: 120_000 }, 'tcp'],
  ])('%j is probed by the daemons', async (check, expected, type) => {
    const Check = { ...check, Interval: '10s' };
    expect(await register({ Port: 99, Check })).toMatchObject({ status: 200 });
    expect(server.daemon.known(asId('web/1.2.0/10.0.0.1/99'))).toMatchObject({
      check: { interval: 10_000, ...expected },
      unhealthy: 'the check has not passed yet',
    });
    expect(await instances()).toMatchObject([{ Checks: [{ Status: 'critical', Type: type }] }]);
    expect(await put('/v1/agent/check/pass/service:web-1')).toMatchObject({ status: 400 });
  });

  it('takes the place of one with a TTL, and the other way round', async () => {
    await register({ Port: 99 });
    const body = { ServiceID: 'web-1', Name: 'probe', TCP: '10.0.0.1:99', Interval: '5s' };
    expect(await server.ask('PUT', '/v1/agent/check/register', { body })).toMatchObject({ status: 200 });
    expect(await instances()).toMatchObject([{ Checks: [{ CheckID: 'probe', Type: 'tcp' }] }]);
    await register({ Port: 99 });
    expect(await instances()).toMatchObject([{ Checks: [{ CheckID: 'service:web-1', Type: 'ttl' }] }]);
  });
});

describe('a service', () => {
  it('in maintenance drains, and is critical for Consul', async () => {
    await register({ Check: { TTL: '60s', Status: 'passing' } });
    await put('/v1/agent/service/maintenance/web-1?enable=true&reason=deploy');
    expect(server.daemon.registrations({ app: 'web' })).toMatchObject([{ draining: true, drainReason: 'deploy' }]);
    expect(await statuses()).toEqual(['_service_maintenance:web-1 critical', 'service:web-1 passing']);
    expect(await instances('?passing')).toEqual([]);
    await put('/v1/agent/service/maintenance/web-1?enable=False');
    expect(await instances('?passing')).toHaveLength(1);
    expect(await put('/v1/agent/service/maintenance/web-1')).toMatchObject({ status: 400 });
  });

  it.each(['GET', 'PUT'])('is gone from everything once it is deregistered by %s', async (method) => {
    await register();
    expect((await server.ask('GET', '/v1/agent/service/web-1')).body).toMatchObject({ ID: 'web-1', Service: 'web' });
    expect(await server.ask(method, '/v1/agent/service/deregister/web-1')).toMatchObject({ status: 200 });
    expect(await instances()).toEqual([]);
    expect((await server.ask('GET', '/v1/catalog/services')).body).not.toHaveProperty('web');
    expect((await server.ask('GET', '/v1/agent/service/web-1')).status).toBe(404);
  });
});

it('takes a token as Consul has it, and asks for its apps', async () => {
  const mine = testToken({ role: 'write', apps: ['web'] });
  const other = testToken({ role: 'write', apps: ['shop'] });
  const guarded = await ApiServer.start({ tokens: new TestSource([mine, other]) });
  try {
    const ask = (path: string, headers: Record<string, string>): Promise<Answered> =>
      guarded.ask('PUT', path, { headers, body: { ...service, Port } });
    const path = '/v1/agent/service/register';
    expect((await ask(path, {})).status).toBe(401);
    expect((await ask(path, { 'x-consul-token': other.token })).status).toBe(403);
    expect((await ask(path, { 'x-consul-token': mine.token })).status).toBe(200);
    expect((await ask('/v1/agent/check/pass/service:web-1', bearer(mine.token))).status).toBe(200);
    expect((await ask('/v1/agent/check/pass/service:web-1', { 'x-consul-token': other.token })).status).toBe(403);
    // The header that bender's own clients use counts if both are there.
    const both = { 'x-consul-token': mine.token, ...bearer('wrong') };
    expect((await ask('/v1/agent/check/pass/service:web-1', both)).status).toBe(401);
  } finally {
    await guarded.stop();
  }
});

it('lets no token for one app come between another and its services', async () => {
  const [web, pay] = ['web', 'pay'].map((app) => testToken({ role: 'write', apps: [app] }));
  const guarded = await ApiServer.start({ tokens: new TestSource([web!, pay!]) });
  try {
    const ask = (path: string, { token }: { token: string }, body: object = {}): Promise<Answered> =>
      guarded.ask('PUT', path, { headers: bearer(token), body });
    const registerPay = () => ask('/v1/agent/service/register', pay!, { ...service, Port, Name: 'pay', ID: 'pay-1' });
    expect((await registerPay()).status).toBe(200);
    // By Consul's API on another host, and by bender's own on the same.
    const foreign = { ...service, Port, ID: 'pay-1', Address: '10.6.6.6' };
    expect((await ask('/v1/agent/service/register', web!, foreign)).status).toBe(200);
    const same = { app: 'web', version: '1', host: '10.0.0.1', port: Port + 1, meta: { consul: { id: 'pay-1' } } };
    const posted = await guarded.ask('POST', '/registrations', { headers: bearer(web!.token), body: same });
    expect(posted.status).toBe(201);
    expect((await ask('/v1/agent/check/pass/service:pay-1', pay!)).status).toBe(200);
    expect((await registerPay()).status).toBe(200);
    expect((await guarded.ask('GET', '/v1/agent/service/pay-1', { headers: bearer(pay!.token) })).body).toMatchObject({
      Service: 'pay',
    });
    expect((await ask('/v1/agent/service/deregister/pay-1', pay!)).status).toBe(200);
    expect(guarded.daemon.known(asId(`pay/1.2.0/10.0.0.1/${Port}`))).toBeUndefined();
    // Now all are foreign.
    expect((await ask('/v1/agent/service/deregister/pay-1', pay!)).status).toBe(403);
    expect(guarded.daemon.known(asId(`web/1/10.0.0.1/${Port + 1}`))).toBeDefined();
  } finally {
    await guarded.stop();
  }
});

it('lets no page of another site report by GET', async () => {
  const headers = { 'sec-fetch-site': 'cross-site' };
  for (const path of ['/v1/agent/service/deregister/web', '/V1/agent/check/fail/web'])
    expect((await server.ask('GET', path, { headers })).status).toBe(403);
});

it('does not say of a service that it is gone while it is cut off, but has checks register again', async () => {
  server.set({ stale: true });
  try {
    const paths = ['service/deregister/none', 'service/maintenance/none?enable=true', 'check/pass/none'];
    const answered = [];
    for (const path of paths) answered.push((await put(`/v1/agent/${path}`)).status);
    expect(answered).toEqual([500, 500, 404]);
  } finally {
    server.set({ stale: false });
  }
});
