/** Clients that wait for a change ("blocking queries"). */

import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { EventEmitter, once, setMaxListeners } from 'node:events';
import { type ClientRequest, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Instance } from '../../../../../src/daemon/surfaces/consul/instance.js';
import { Looks, type Question } from '../../../../../src/daemon/surfaces/consul/looks.js';
import type { Answer, ApiRequest, Late } from '../../../../../src/daemon/http/route.js';
import type { SurfaceContext } from '../../../../../src/daemon/surfaces/surface.js';
import { loadLimitDefaults } from '../../../../../src/daemon/http/load-limits.js';
import { NotReadyError } from '../../../../../src/model/errors.js';
import { formatId } from '../../../../../src/model/registration.js';
import { ApiServer, type Answered } from '../../../../helpers/api-server.js';
import { eventually, never } from '../../../../helpers/eventually.js';
import { bearer, TestSource, testToken } from '../../../../helpers/tokens.js';

let server: ApiServer;
beforeEach(async () => {
  server = await ApiServer.start();
  register('web');
});
afterEach(() => server.stop());

const address = (app: string, host = '10.0.0.1') => ({ app, version: '1', host, port: 80 });
const register = (app: string, host?: string, options: object = {}): void => {
  server.daemon.register(address(app, host), { ttl: 600_000, ...options });
};

const ask = (path: string): Promise<Answered> => server.ask('GET', `/v1${path}`);
const indexOf = ({ headers }: Answered): string => String(headers['x-consul-index']);

/** Asks for a change of what `path` answers now. */
async function wait(path: string, { ms = 60_000 } = {}): Promise<{ index: string; answer: Promise<Answered> }> {
  const index = indexOf(await ask(path));
  const before = server.watchers;
  const answer = ask(`${path}${path.includes('?') ? '&' : '?'}index=${index}&wait=${ms}ms`);
  await eventually(() => server.watchers > before);
  return { index, answer };
}

const isOver = (promise: Promise<unknown>): (() => boolean) => {
  let over = false;
  const end = (): void => void (over = true);
  promise.then(end, end);
  return () => over;
};

describe('a client that waits', () => {
  it('gets the answer when it is another one, with an index that has risen', async () => {
    const { index, answer } = await wait('/health/service/web');
    register('web', '10.0.0.2');
    const changed = await answer;
    expect(changed.body).toHaveLength(2);
    expect(BigInt(indexOf(changed))).toBeGreaterThan(BigInt(index));
    expect(changed.headers).toMatchObject({ 'x-consul-knownleader': 'true', 'x-consul-lastcontact': '0' });
    expect(server.watchers).toBe(0);
  });

  it('is not woken by a change of another service, nor by one that it does not see', async () => {
    const passing = await wait('/health/service/web?passing');
    const absent = await wait('/health/service/none');
    const kv = await wait('/kv/a');
    const over = [passing, absent, kv].map(({ answer }) => isOver(answer));
    register('shop');
    await server.daemon.deregister(formatId(address('shop')));
    register('web', '10.0.0.9', { unhealthy: 'broken' });
    await never(() => over.some((isSo) => isSo()), { forMs: 500 });
    register('none');
    expect((await absent.answer).body).toHaveLength(1);
    register('web', '10.0.0.2');
    expect((await passing.answer).body).toHaveLength(2);
  });

  it('sees health, which has no event of its own, and what drains', async () => {
    const ill = await wait('/health/service/web');
    await server.daemon.setHealth(formatId(address('web')), 'broken');
    expect(((await ill.answer).body as Instance[])[0]!.Checks[0]!.Status).toBe('critical');
    const worse = await wait('/health/service/web');
    await server.daemon.setHealth(formatId(address('web')), 'worse');
    expect(((await worse.answer).body as Instance[])[0]!.Checks[0]!.Output).toBe('worse');
    const drained = await wait('/health/state/any');
    await server.daemon.setState(formatId(address('web')), { draining: true });
    expect(JSON.stringify((await drained.answer).body)).toContain('_service_maintenance:');
  });

  it('for a service that vanishes gets an empty list with a higher index, and the name is gone', async () => {
    const health = await wait('/health/service/web');
    const names = await wait('/catalog/services');
    await server.daemon.deregister(formatId(address('web')));
    const gone = await health.answer;
    expect(gone.body).toEqual([]);
    expect(BigInt(indexOf(gone))).toBeGreaterThan(BigInt(health.index));
    expect((await names.answer).body).not.toHaveProperty('web');
    // It stays so.
    expect(indexOf(await ask('/health/service/web'))).toBe(indexOf(gone));
  });

  it('gets the same index when its time is over', async () => {
    const { index, answer } = await wait('/health/service/web', { ms: 30 });
    expect(indexOf(await answer)).toBe(index);
    expect(server.watchers).toBe(0);
  });

  it('does not wait with an index that is not the present one, and none with 0', async () => {
    const index = BigInt(indexOf(await ask('/health/service/web')));
    for (const other of [index - 1n, index + 1n, 0n, 1n])
      expect((await ask(`/health/service/web?index=${other}`)).status).toBe(200);
  });

  it('is let go with "keep what you have" when the daemon is no longer sure', async () => {
    const { answer } = await wait('/health/service/web');
    server.set({ stale: true });
    expect((await answer).status).toBe(500);
    server.set({ stale: false });
  });

  it('gets an error in the words of Consul, too', async () => {
    const { answer } = await wait('/health/service/web');
    const groups = jest.spyOn(server.daemon, 'groups').mockImplementation(() => {
      throw new NotReadyError('not now');
    });
    register('web', '10.0.0.2');
    const { status, headers } = await answer;
    groups.mockRestore();
    expect([status, headers['content-type']]).toEqual([503, 'text/plain; charset=utf-8']);
  });

  it('is hung up when the daemon leaves', async () => {
    const { answer } = await wait('/health/service/web');
    const failed = expect(answer).rejects.toThrow();
    server.endStreams();
    await failed;
    expect(server.watchers).toBe(0);
  });

  it('is forgotten when it goes', async () => {
    const index = indexOf(await ask('/health/service/web'));
    const { port } = server.web.server.address() as AddressInfo;
    const outgoing: ClientRequest = get({ port, path: `/v1/health/service/web?index=${index}` });
    outgoing.on('error', () => undefined);
    await eventually(() => server.watchers === 1);
    outgoing.destroy();
    await eventually(() => server.watchers === 0);
  });
});

it('does not take the index of another daemon for its own', async () => {
  const other = await ApiServer.start();
  other.daemon.register(address('web'), { ttl: 600_000 });
  const path = '/v1/health/service/web';
  const [here, there] = [await server.ask('GET', path), await other.ask('GET', path)];
  expect(here.headers.etag).toBe(there.headers.etag);
  expect(indexOf(here)).not.toBe(indexOf(there));
  await other.stop();
});

it('lets as many wait as may watch', async () => {
  const small = await ApiServer.start({ limits: { ...loadLimitDefaults, watchers: { total: 1, perAddress: 1 } } });
  const index = indexOf(await small.ask('GET', '/v1/health/service/web'));
  const path = `/v1/health/service/web?index=${index}`;
  const first = small.ask('GET', path);
  const ended = expect(first).rejects.toThrow();
  await eventually(() => small.watchers === 1);
  expect(await small.ask('GET', path)).toMatchObject({ status: 503, body: expect.stringMatching(/too many watchers/) });
  expect((await small.ask('GET', '/v1/health/service/web')).status).toBe(200);
  await small.stop();
  await ended;
});

it('ends with the token', async () => {
  const mine = testToken({ role: 'read' });
  const source = new TestSource([mine]);
  const guarded = await ApiServer.start({ tokens: source });
  const headers = bearer(mine.token);
  const { port } = guarded.web.server.address() as AddressInfo;
  const request = (path: string): ClientRequest => get({ port, path, headers });
  const [response] = (await once(request('/v1/health/service/web'), 'response')) as [IncomingMessage];
  await text(response);
  const waiting = request(`/v1/health/service/web?index=${String(response.headers['x-consul-index'])}`);
  const failed = once(waiting, 'error');
  await eventually(() => guarded.watchers === 1);
  source.replace([]);
  await failed;
  await eventually(() => guarded.watchers === 0);
  await guarded.stop();
});

it('asks questions again one after the other, with pauses, after a change that concerns all', async () => {
  let [stamp, asked] = ['1', 0];
  let change: () => void = () => undefined;
  const answers = {
    once: (wanted: { stamp: string }) => {
      asked++;
      const until = performance.now() + 2;
      while (performance.now() < until);
      return { status: 200, headers: { etag: wanted.stamp } };
    },
  };
  const registry = {
    synced: true,
    caveats: {},
    events: { runId: 'a' },
    onChange: (listener: () => void) => (change = listener),
  };
  const { signal } = new AbortController();
  setMaxListeners(0, signal);
  const watchers = { admit: () => undefined, enter: () => undefined, leave: () => undefined };
  const looks = new Looks({ registry, answers, watchers, leaving: signal } as unknown as SurfaceContext);
  const told = Array.from({ length: 50 }, async (_, key) => {
    const question = { key: String(key), stamp: () => stamp, make: () => (function* () {})() } as unknown as Question;
    const request = (index: unknown) =>
      ({
        query: () => new URLSearchParams(`index=${String(index)}`),
        headers: {},
        address: '',
      }) as unknown as ApiRequest;
    const first = (await looks.answer(request(0), question)) as Answer;
    const { late } = (await looks.answer(request(first.headers!['x-consul-index']), question)) as Late;
    return late(new EventEmitter() as ServerResponse);
  });
  await eventually(() => asked === 100);
  stamp = '2';
  change();
  let [most, before] = [0, asked];
  const count = (): void => {
    most = Math.max(most, asked - before);
    before = asked;
  };
  const turns = setInterval(count, 0);
  await Promise.all(told);
  clearInterval(turns);
  count();
  expect(asked).toBe(150);
  expect(most).toBeLessThanOrEqual(4);
});
