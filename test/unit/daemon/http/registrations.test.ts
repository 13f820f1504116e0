import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ApiServer } from '../../../helpers/api-server.js';

let server: ApiServer;
beforeAll(async () => {
  server = await ApiServer.start();
});
afterAll(() => server.stop());

const address = { app: 'web', version: '1.2.0', host: '10.0.0.1', port: 8080 };

describe('POST /registrations', () => {
  it('answers 201 with a location that leads to the registration, then 200', async () => {
    const body = { resource: 'Registration', ...address, app: 'created', meta: { zone: 'b' } };
    const created = await server.ask('POST', '/registrations', { body });
    expect(created).toMatchObject({ status: 201, body: { ...body, ttl: 4000, renewEvery: 1333 } });

    const found = await server.ask('GET', created.headers.location!);
    expect(found).toMatchObject({ status: 200, body: { id: 'created/1.2.0/10.0.0.1/8080' } });
    expect(await server.ask('POST', '/registrations', { body })).toMatchObject({ status: 200 });
  });

  it.each([
    [{ ...address, port: 70000 }, "'port' must be from 1 to 65535, not 70000"],
    [{ ...address, app: 'a/b' }, `'app' must not contain slashes, white space or control characters, not "a/b"`],
    [{ ...address, app: '..' }, `'app' must not be '.' or '..', not ".."`],
    [{ ...address, host: 'a..b' }, `'host' must be an IPv4 or IPv6 address or a host name, not "a..b"`],
    [{ ...address, colour: 'red' }, "unknown field 'colour'"],
    [{ ...address, resource: 'Backend' }, `'resource' must be 'Registration' when it is given, not "Backend"`],
    [{ ...address, ttl: 1 }, "'ttl' must be at least 1000 ms, not 1"],
    [{ app: 'web' }, "'version' is missing"],
    [[], 'the body must be a JSON object'],
  ])('refuses %j', async (body, message) => {
    const answer = await server.ask('POST', '/registrations', { body });
    expect(answer).toMatchObject({ status: 400, body: { code: 'INVALID', message } });
  });

  it('refuses JSON that is nested deeper than can be measured', async () => {
    const depth = 200_000;
    const body = JSON.stringify({ ...address, meta: { a: 0 } }).replace(
      '0}',
      `${'['.repeat(depth)}${']'.repeat(depth)}}`,
    );
    const headers = { 'content-type': 'application/json' };
    const answer = await server.ask('POST', '/registrations', { headers, body });
    expect(answer).toMatchObject({ status: 400, body: { code: 'INVALID' } });
  });
});

describe('POST /registrations/:app/:version/:host/:port', () => {
  it('takes an empty body, as bender 0.2.1 sends it: 200 at first, 204 where there is nothing new to tell', async () => {
    const path = '/registrations/old/1.0.0/127.0.0.1/80';
    expect(await server.ask('POST', path)).toMatchObject({
      status: 200,
      body: { id: 'old/1.0.0/127.0.0.1/80', port: 80 },
    });
    expect(await server.ask('POST', path)).toMatchObject({ status: 204, body: '' });
    expect(await server.ask('POST', path, { body: {} })).toMatchObject({ status: 200, body: { port: 80 } });
  });

  it('takes options', async () => {
    const body = { ttl: 10_000, instance: 'i1' };
    const answer = await server.ask('POST', '/registrations/opt/1.0.0/h/80', { body });
    expect(answer).toMatchObject({ status: 200, body: { ttl: 10_000 } });
  });

  it.each(['::1', '[::1]', '%3A%3A1', '%5B::1%5D'])('takes the IPv6 host %s', async (host) => {
    const answer = await server.ask('POST', `/registrations/six/1.0.0/${host}/80`, { body: {} });
    expect(answer).toMatchObject({ status: 200, body: { host: '::1', id: 'six/1.0.0/::1/80' } });
  });

  it.each(['0', '70000', '8o', '-1'])('refuses the port %s', async (port) => {
    const answer = await server.ask('POST', `/registrations/web/1.0.0/h/${port}`);
    expect(answer).toMatchObject({ status: 400, body: { code: 'INVALID' } });
  });
});

describe('renewing', () => {
  it('answers 204 for what is online and 404 for what nobody knows', async () => {
    await server.ask('POST', '/registrations/lease/1.0.0/::1/80');
    expect(await server.ask('PUT', '/registrations/lease/1.0.0/::1/80/lease')).toMatchObject({ status: 204 });
    expect(await server.ask('PUT', '/registrations/lease/1.0.0/::2/80/lease')).toMatchObject({
      status: 404,
      body: { code: 'NOT_FOUND' },
    });
  });

  it('renews many at once, and says which are unknown', async () => {
    await server.ask('POST', '/registrations/many/1.0.0/h/80');
    const body = { ids: ['many/1.0.0/h/80', 'no/1.0.0/h/80'] };
    const answer = await server.ask('POST', '/renewals', { body });
    expect(answer).toMatchObject({ status: 200, body: { renewed: 1, unknown: ['no/1.0.0/h/80'] } });
  });
});

describe('one host in several spellings', () => {
  const spellings = ['0:0:0:0:0:0:0:9', '::9', '[::9]', '0::0009', '::0.0.0.9'];

  it('is one registration for all requests', async () => {
    for (const host of spellings)
      expect(
        await server.ask('POST', '/registrations', {
          body: { app: 'spelt', version: '1', host, port: 80 },
        }),
      ).toMatchObject({ body: { id: 'spelt/1/::9/80', host: '::9' } });
    expect((await server.ask('GET', '/registrations/spelt')).body).toHaveLength(1);
    const [host] = spellings;
    const path = `/registrations/spelt/1/${host}/80`;
    expect(await server.ask('PUT', `${path}/lease`)).toMatchObject({ status: 204 });
    expect(await server.ask('GET', path)).toMatchObject({ status: 200 });
    const ids = ['spelt/1/::9/80', `spelt/1/${host}/80`, `spelt/2/${host}/80`, 'nonsense'];
    expect((await server.ask('POST', '/renewals', { body: { ids } })).body).toEqual({
      renewed: 2,
      unknown: [`spelt/2/${host}/80`, 'nonsense'],
    });
    expect(await server.ask('PUT', `${path}/state`, { body: { draining: true } })).toMatchObject({
      body: { draining: true },
    });
    expect(await server.ask('DELETE', path)).toMatchObject({ status: 204 });
  });

  it('is the same with a dot at the end', async () => {
    await server.ask('POST', '/registrations/dotted/1/Web.Example./80');
    const answer = await server.ask('GET', '/registrations/dotted/1/web.example/80');
    expect(answer).toMatchObject({ status: 200, body: { id: 'dotted/1/web.example/80' } });
  });
});

describe('looking up', () => {
  it('answers an array by app, version and range', async () => {
    for (const [port, version] of ['1.0.0', '1.3.0', '2.0.0'].entries())
      await server.ask('POST', `/registrations/look/${version}/h/${port + 1}`);
    const versionsAt = async (path: string): Promise<string[]> =>
      ((await server.ask('GET', path)).body as { version: string }[]).map(({ version }) => version);

    expect(await versionsAt('/registrations/look')).toEqual(['1.0.0', '1.3.0', '2.0.0']);
    expect(await versionsAt('/registrations/look/1.3.0')).toEqual(['1.3.0']);
    expect(await versionsAt('/registrations/look/%5E1.0.0')).toEqual(['1.0.0', '1.3.0']);
    expect(await versionsAt('/registrations/look/1.x%20%7C%7C%202')).toEqual(['1.0.0', '1.3.0', '2.0.0']);
    expect(await versionsAt('/registrations/nothing')).toEqual([]);
  });

  it('answers what has the metadata asked for, all of them', async () => {
    for (const [port, az] of ['eu-1', 'eu-1', 'us-1'].entries())
      await server.ask('POST', `/registrations/zoned/1.0.0/h/${port + 1}`, {
        body: { meta: { az, n: port, rack: { row: 'b' } } },
      });
    const portsAt = async (path: string): Promise<number[]> =>
      ((await server.ask('GET', path)).body as { port: number }[]).map(({ port }) => port);
    expect(await portsAt('/registrations?meta.az=eu-1')).toEqual([1, 2]);
    expect(await portsAt('/registrations/zoned?meta.az=eu-1&meta.n=1')).toEqual([2]);
    expect(await portsAt('/registrations/zoned/1.x?meta.rack.row=b&meta.az=us-1')).toEqual([3]);
    expect(await portsAt('/registrations/zoned?meta.az=eu-1&meta.az=us-1')).toEqual([]);
    expect(await portsAt('/registrations/zoned?unknown=1')).toEqual([1, 2, 3]);
    await server.ask('POST', '/registrations/zoned/1.0.0/h/1', { body: { meta: { az: 'us-1' } } });
    expect(await portsAt('/registrations/zoned?meta.az=eu-1')).toEqual([2]);
    expect(await server.ask('GET', '/registrations?meta.=1')).toMatchObject({ status: 400 });
  });

  it('answers HEAD with the length and no body', async () => {
    const get = await server.ask('GET', '/registrations');
    const head = await server.ask('HEAD', '/registrations');
    expect(head).toMatchObject({ status: 200, body: '' });
    expect(head.headers['content-length']).toBe(get.headers['content-length']);
    expect(head.headers.etag).toBe(get.headers.etag);
  });
});

describe('deregistering', () => {
  it('answers 204, then 404', async () => {
    await server.ask('POST', '/registrations/gone/1.0.0/h/80');
    expect(await server.ask('DELETE', '/registrations/gone/1.0.0/h/80')).toMatchObject({ status: 204 });
    expect(await server.ask('DELETE', '/registrations/gone/1.0.0/h/80')).toMatchObject({ status: 404 });
  });
});

describe('draining', () => {
  const state = '/registrations/drained/1.0.0/h/80/state';

  it('is answered with the registration, which stays so over renewals until it is undone', async () => {
    await server.ask('POST', '/registrations/drained/1.0.0/h/80');
    const answer = await server.ask('PUT', state, { body: { draining: true, reason: 'kernel update' } });
    expect(answer).toMatchObject({ status: 200, body: { draining: true, drainReason: 'kernel update' } });
    await server.ask('POST', '/registrations/drained/1.0.0/h/80', { body: { meta: { n: 1 } } });
    expect(await server.ask('GET', '/registrations/drained/1.0.0/h/80')).toMatchObject({
      body: { draining: true, drainReason: 'kernel update', meta: { n: 1 } },
    });
    const { body } = await server.ask('PUT', state, { body: { draining: false } });
    expect(body).toMatchObject({ draining: false });
    expect(body).not.toHaveProperty('drainReason');
  });

  it('may end by itself, and says when', async () => {
    await server.ask('POST', '/registrations/drained/1.0.0/h/80');
    const before = Date.now();
    const { body } = await server.ask('PUT', state, { body: { draining: true, forMs: 3_600_000 } });
    const { drainUntil } = body as { drainUntil: number };
    expect(drainUntil - before).toBeGreaterThanOrEqual(3_600_000);
    expect(drainUntil - before).toBeLessThan(3_660_000);
    expect((await server.ask('GET', '/registrations/drained/1.0.0/h/80')).body).toMatchObject({ drainUntil });
    const { body: lasting } = await server.ask('PUT', state, { body: { draining: true } });
    expect(lasting).toMatchObject({ draining: true });
    expect(lasting).not.toHaveProperty('drainUntil');
    await server.ask('PUT', state, { body: { draining: false } });
  });

  it.each([
    [{}, "'draining' is missing"],
    [{ draining: 'yes' }, `'draining' must be true or false, not "yes"`],
    [{ draining: true, reason: '' }, `'reason' must not be empty, not ""`],
    [{ draining: true, reason: 'a\nb' }, `'reason' must not contain control characters, not "a\\nb"`],
    [{ draining: true, weight: 0 }, "unknown field 'weight'"],
    [{ draining: true, forMs: 999 }, "'forMs' must be at least 1000 ms, not 999"],
    [{ draining: true, forMs: 2_592_000_001 }, "'forMs' must be at most 2592000000 ms (30 days), not 2592000001"],
    [{ draining: true, forMs: '30m' }, `'forMs' must be a number of milliseconds, not "30m"`],
    [{ draining: true, forMs: 1500.5 }, "'forMs' must be a whole number of milliseconds, not 1500.5"],
    [{ draining: false, forMs: 2000 }, "'forMs' goes with 'draining': true"],
  ])('refuses %j', async (body, message) => {
    expect(await server.ask('PUT', state, { body })).toMatchObject({
      status: 400,
      body: { code: 'INVALID', message },
    });
  });

  it('of what nobody knows is a 404', async () => {
    const body = { draining: true };
    expect(await server.ask('PUT', '/registrations/no/1/h/80/state', { body })).toMatchObject({
      status: 404,
    });
  });
});

describe('a version in a path or a query', () => {
  const long = '9||'.repeat(43);
  it.each([`/registrations/web/${encodeURIComponent(long)}`, `/events?version=${encodeURIComponent(long)}`])(
    'has at most 128 characters: %s',
    async (path) => {
      expect(await server.ask('GET', path)).toMatchObject({
        status: 400,
        body: { code: 'INVALID', message: "'version' must have at most 128 characters, not 129" },
      });
    },
  );
});

it('bounds what is asked of metadata', async () => {
  const name = 'a.'.repeat(65);
  expect(await server.ask('GET', `/registrations?meta.${name}=1`)).toMatchObject({
    status: 400,
    body: { code: 'INVALID', message: "the name after 'meta.' must have at most 128 characters" },
  });
  const many = Array.from({ length: 17 }, (_, index) => `meta.a${index}=1`).join('&');
  expect(await server.ask('GET', `/registrations?${many}`)).toMatchObject({
    status: 400,
    body: { code: 'INVALID', message: "there must be at most 16 conditions 'meta.NAME'" },
  });
});

it('finds one registration by its id, without making a list of its version', async () => {
  await server.ask('POST', '/registrations', { body: { ...address, app: 'single' } });
  const lists = jest.spyOn(server.daemon, 'registrations');
  const path = '/registrations/single/1.2.0/10.0.0.1/8080';
  expect(await server.ask('GET', path)).toMatchObject({ status: 200, body: { app: 'single' } });
  expect(lists).not.toHaveBeenCalled();
  lists.mockRestore();
});

describe('GET /registrations?state=', () => {
  const one = { app: 'ill', version: '1.2.0', host: '10.0.0.9', port: 80 };
  const ids = async (path: string): Promise<string[]> => {
    const { status, body } = await server.ask('GET', path);
    expect(status).toBe(200);
    return (body as { id: string }[]).map(({ id }) => id);
  };
  beforeAll(async () => {
    await server.ask('POST', '/registrations', { body: { ...one, meta: { az: 'a' } } });
    await server.ask('POST', '/registrations', { body: { ...one, port: 81 } });
    await server.ask('PUT', '/registrations/ill/1.2.0/10.0.0.9/80/health', { body: { unhealthy: '503' } });
  });

  it('lists those that are offline because they are unhealthy, for all look-ups alike', async () => {
    const [id, other] = ['ill/1.2.0/10.0.0.9/80', 'ill/1.2.0/10.0.0.9/81'];
    for (const path of ['/registrations', '/registrations/ill', '/registrations/ill/1.x'])
      expect(await ids(`${path}?state=unhealthy`)).toEqual([id]);
    expect(await ids('/registrations/ill?state=unhealthy&meta.az=b')).toEqual([]);
    expect(await ids('/registrations/other?state=unhealthy')).toEqual([]);
    expect(await ids('/registrations/ill?state=online')).toEqual([other]);
    expect(await ids('/registrations/ill')).toEqual([other]);
    expect((await server.ask('GET', '/registrations/ill?state=unhealthy')).body).toMatchObject([{ unhealthy: '503' }]);
  });

  it('has an ETag that follows them', async () => {
    const path = '/registrations/ill?state=unhealthy';
    const { etag } = (await server.ask('GET', path)).headers;
    const asked = () => server.ask('GET', path, { headers: { 'if-none-match': etag! } });
    expect((await asked()).status).toBe(304);
    await server.ask('PUT', '/registrations/ill/1.2.0/10.0.0.9/80/health', { body: { unhealthy: null } });
    expect(await asked()).toMatchObject({ status: 200, body: [] });
  });

  it('refuses another state', async () => {
    expect(await server.ask('GET', '/registrations?state=draining')).toMatchObject({
      status: 400,
      body: { code: 'INVALID', message: "'state' must be online or unhealthy, not 'draining'" },
    });
  });
});
