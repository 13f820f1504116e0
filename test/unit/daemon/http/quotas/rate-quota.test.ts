import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { RateQuota } from '../../../../../src/daemon/http/quotas/rate-quota.js';
import { Rates } from '../../../../../src/daemon/http/quotas/rates.js';
import { loadLimitDefaults, type LoadLimits } from '../../../../../src/daemon/http/load-limits.js';
import { type Answered, ApiServer } from '../../../../helpers/api-server.js';
import { bearer, TestSource, testToken } from '../../../../helpers/tokens.js';

describe('a rate of requests', () => {
  it('lets ten seconds of them through at once, then as many as come back', () => {
    let now = 0;
    const rates = new Rates({ requests: 5, catalogWrites: undefined }, () => now);
    for (let count = 0; count < 50; count++) expect(rates.takeRequest(false)).toBe(0);
    expect(rates.takeRequest(false)).toBe(1);
    now = 1000;
    for (let count = 0; count < 5; count++) expect(rates.takeRequest(false)).toBe(0);
    expect(rates.takeRequest(false)).toBe(1);
  });

  it('refuses renewals last: they may use what is to come, and others wait for that', () => {
    let now = 0;
    const rates = new Rates({ requests: 5, catalogWrites: undefined }, () => now);
    for (let count = 0; count < 100; count++) expect(rates.takeRequest(true)).toBe(0);
    expect(rates.takeRequest(true)).toBe(1);
    expect(rates.takeRequest(false)).toBe(11);
    now = 1000;
    for (let count = 0; count < 5; count++) expect(rates.takeRequest(true)).toBe(0);
    expect(rates.takeRequest(true)).toBe(1);
    now = 12_000;
    expect(rates.takeRequest(false)).toBe(0);
  });

  it('is none where none was set', () => {
    const rates = new Rates({ requests: undefined, catalogWrites: undefined });
    for (let count = 0; count < 10_000; count++)
      expect([rates.takeRequest(false), rates.takeCatalogWrite()]).toEqual([0, 0]);
  });
});

it('takes no look at the time, the address or the token where nothing is bounded', () => {
  const now = jest.spyOn(performance, 'now');
  const quota = new RateQuota({ requests: undefined, catalogWrites: 50 }, { count: () => undefined });
  now.mockClear();
  const from = {
    get remoteAddress(): string {
      throw new Error('it was asked for');
    },
  };
  quota.admitRequest(undefined, false, from);
  quota.admitRequest({ name: 'a', rates: undefined }, true, from);
  expect(now).not.toHaveBeenCalled();
  now.mockRestore();
});

describe('over HTTP', () => {
  const slow = testToken({ role: 'admin', name: 'slow', maxRequests: 1 });
  const careful = testToken({ role: 'deploy', name: 'careful', maxCatalogWrites: 1 });
  const free = testToken({ role: 'admin', name: 'free' });
  let server: ApiServer;
  afterEach(() => server.stop());
  const start = async (limits: Partial<LoadLimits> = {}): Promise<void> => {
    const tokens = new TestSource([slow, careful, free]);
    server = await ApiServer.start({ tokens, limits: { ...loadLimitDefaults, ...limits } });
  };
  const ask = (method: string, path: string, { token }: { token: string }, body?: unknown): Promise<Answered> =>
    server.ask(method, path, { headers: bearer(token), ...(body !== undefined && { body }) });
  const refused = {
    status: 429,
    headers: { 'retry-after': expect.stringMatching(/^[1-9]\d*$/) },
    body: { code: 'TOO_MANY_REQUESTS' },
  };

  /** Asks until that is refused. */
  async function exhaust(token: { token: string }): Promise<Answered> {
    for (let count = 0; count < 500; count++) {
      const answer = await ask('GET', '/backends', token);
      if (answer.status !== 200) return answer;
    }
    throw new Error('it was never refused');
  }

  it('refuses what comes too fast of one token, its renewals last, and nothing of others', async () => {
    await start();
    expect(await ask('POST', '/registrations/web/1/h/80', slow)).toMatchObject({ status: 200 });
    expect(await exhaust(slow)).toMatchObject({
      ...refused,
      body: { ...refused.body, message: "too many requests in too short a time for the token 'slow'" },
    });
    expect(await ask('DELETE', '/registrations/web/1/h/80', slow)).toMatchObject(refused);
    expect(await ask('PUT', '/registrations/web/1/h/80/lease', slow)).toMatchObject({ status: 204 });
    expect(await ask('POST', '/renewals', slow, { ids: ['web/1/h/80'] })).toMatchObject({ body: { renewed: 1 } });
    expect(await ask('GET', '/backends', free)).toMatchObject({ status: 200 });
    for (const path of ['/livez', '/readyz']) expect(await ask('GET', path, slow)).toMatchObject({ status: 200 });
    expect(server.daemon.registration('web/1/h/80')).toBeDefined();
    expect(await ask('GET', '/status', free)).toMatchObject({ body: { load: { refused: { requestsOfToken: 2 } } } });
    const lines = server.logged.filter(({ message }) => message.includes('too short a time for its token'));
    expect(lines[0]).toMatchObject({ fields: { token: 'slow', client: '127.0.0.1', count: 1 } });
  });

  it('refuses what comes too fast of all, and counts it, but no probes', async () => {
    await start({ requests: 1 });
    expect(await exhaust(free)).toMatchObject({
      ...refused,
      body: { ...refused.body, message: 'too many requests in too short a time' },
    });
    expect(await ask('GET', '/backends', slow)).toMatchObject(refused);
    let last: Answered | undefined;
    for (let count = 0; count < 500 && last?.status !== 429; count++)
      last = await ask('POST', '/renewals', free, { ids: [] });
    expect(last).toMatchObject(refused);
    for (const path of ['/livez', '/readyz']) expect(await ask('GET', path, free)).toMatchObject({ status: 200 });
  });

  it('refuses changes of the catalog that come too fast of one token', async () => {
    await start();
    let last: Answered | undefined;
    for (let count = 0; count < 200 && last?.status !== 429; count++)
      last = await ask('POST', '/backends', careful, { name: `b${count}`, app: 'web', version: '1' });
    expect(last).toMatchObject(refused);
    const { length } = server.daemon.catalog.backends.list();
    expect(length).toBeGreaterThanOrEqual(100);
    expect(await ask('GET', '/backends', careful)).toMatchObject({ status: 200 });
    expect(await ask('POST', '/backends', free, { name: 'other', app: 'web', version: '1' })).toMatchObject({
      status: 201,
    });
    expect(server.daemon.catalog.backends.list()).toHaveLength(length + 1);
    expect(await ask('GET', '/status', free)).toMatchObject({
      body: { load: { refused: { catalogWritesOfToken: 1 } } },
    });
  });
});
