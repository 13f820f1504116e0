import { afterEach, expect, it, jest } from '@jest/globals';
import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { Callers } from '../../../../src/daemon/http/callers.js';
import { LoadCounters } from '../../../../src/daemon/http/load-counters.js';
import { loadLimitDefaults } from '../../../../src/daemon/http/load-limits.js';
import { MemoryBudget } from '../../../../src/daemon/http/memory-budget.js';
import { Pressure } from '../../../../src/daemon/http/pressure.js';
import { TokenBucket } from '../../../../src/daemon/http/token-bucket.js';
import { ApiServer } from '../../../helpers/api-server.js';
import { silentLog } from '../../../helpers/log.js';

const counters = (): LoadCounters => new LoadCounters(silentLog);

let server: ApiServer | undefined;
const idle: Socket[] = [];
afterEach(async () => {
  for (const socket of idle.splice(0)) socket.destroy();
  await server?.stop();
  server = undefined;
});

async function open(): Promise<Socket> {
  const socket = connect((server!.web.server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => undefined);
  idle.push(socket);
  await once(socket, 'connect');
  return socket;
}

it('counts callers in all and by address', () => {
  const callers = new Callers({ total: 3, perAddress: 2 });
  for (const address of ['a', 'a']) callers.enter(address);
  expect([callers.reached('a'), callers.reached('b')]).toEqual(['address', undefined]);
  callers.enter('b');
  expect(callers.reached('c')).toBe('total');
  callers.leave('a');
  expect(callers.reached('a')).toBeUndefined();
  expect(callers.total).toBe(2);
});

it('counts and logs what it refuses', () => {
  const warn = jest.fn();
  const counters = new LoadCounters({ warn });
  for (let index = 0; index < 3; index++) counters.count('overload', '10.0.0.1');
  counters.count('bodies');
  counters.count('overload', '10.0.0.2');
  expect(warn).toHaveBeenLastCalledWith({ client: '10.0.0.2', count: 4 }, expect.stringContaining('overloaded'));
  expect(counters.counts).toEqual({ overload: 4, bodies: 1 });
});

it('gives memory to new callers, and takes it from those that have had it for long', () => {
  let now = 0;
  const [slow, quick, third] = [{}, {}, {}];
  const evicted: object[] = [];
  const budget = new MemoryBudget<object>(
    100,
    5000,
    (holder) => evicted.push(holder),
    () => now,
  );
  expect(budget.take(slow, 60)).toBe(true);
  now = 4000;
  expect(budget.take(quick, 30)).toBe(true);
  expect(budget.take(third, 60)).toBe(false);
  now = 5000;
  expect(budget.take(third, 60)).toBe(true);
  expect(evicted).toEqual([slow]);
  budget.release(slow);
  expect(budget.bytes).toBe(90);
});

it('takes no memory from a holder for its own sake', () => {
  const evicted: object[] = [];
  const budget = new MemoryBudget<object>(100, 0, (holder) => evicted.push(holder));
  const alone = {};
  expect([budget.take(alone, 60), budget.take(alone, 60)]).toEqual([true, false]);
  expect(evicted).toEqual([]);
  expect(budget.bytes).toBe(60);
});

it('lets so many through per second, and bursts', () => {
  let now = 0;
  const bucket = new TokenBucket(2, 4, () => now);
  expect([1, 2, 3, 4, 5].map(() => bucket.take())).toEqual([0, 0, 0, 0, 1]);
  now = 1000;
  expect([1, 2, 3].map(() => bucket.take())).toEqual([0, 0, 1]);
  now = 1_000_000;
  expect([1, 2, 3, 4, 5].map(() => bucket.take())).toEqual([0, 0, 0, 0, 1]);
});

it('lets some through ahead of their time, and fewer of the others then', () => {
  let now = 0;
  const bucket = new TokenBucket(2, 4, () => now);
  expect([1, 2, 3, 4, 5, 6, 7].map(() => bucket.take(2))).toEqual([0, 0, 0, 0, 0, 0, 1]);
  expect(bucket.take()).toBe(2);
  now = 500;
  expect([bucket.take(), bucket.take(2), bucket.take(2)]).toEqual([1, 0, 1]);
  now = 3000;
  expect([bucket.take(2), bucket.take()]).toEqual([0, 0]);
});

it('is overloaded while all that wait have waited too long, and not for a burst', () => {
  let now = 0;
  const pressure = new Pressure(counters(), () => now);
  const request = { socket: { remoteAddress: '10.0.0.1' } } as never;
  const wait = (ms: number, forMs: number): void => {
    for (const until = now + forMs; now < until; now += 10) pressure.waited(ms);
  };
  wait(90, 1000);
  expect(pressure.overloaded).toBe(false);
  wait(200, 250);
  expect(pressure.overloaded).toBe(false);
  wait(200, 100);
  expect(() => pressure.admit(false, request)).toThrow('overloaded');
  expect(() => pressure.admit(true, request)).not.toThrow();
  now += 600;
  expect(pressure.overloaded).toBe(false);
});

it('is overloaded again only by those that wait from then on', () => {
  let now = 0;
  const pressure = new Pressure(counters(), () => now);
  pressure.waited(200);
  now = 1000;
  expect(pressure.overloaded).toBe(false);
  pressure.waited(200);
  expect(pressure.overloaded).toBe(false);
  now = 1301;
  expect(pressure.overloaded).toBe(true);
});

it('is overloaded while too many requests wait for their answers', async () => {
  const pressure = new Pressure(counters());
  const settle: (() => void)[] = [];
  for (let index = 0; index < 10_000; index++) {
    expect(pressure.overloaded).toBe(false);
    pressure.count(new Promise<void>((resolve) => settle.push(resolve)));
  }
  expect(pressure.overloaded).toBe(true);
  settle[0]!();
  await Promise.resolve();
  expect(pressure.overloaded).toBe(false);
});

it('counts each request whose answer is a promise among those that wait', async () => {
  server = await ApiServer.start();
  const count = jest.spyOn(Pressure.prototype, 'count');
  expect(await server.ask('POST', '/renewals', { body: { ids: [] } })).toMatchObject({ status: 200 });
  expect(await server.ask('GET', '/livez')).toMatchObject({ status: 200 });
  expect(count).toHaveBeenCalledTimes(1);
  count.mockRestore();
});

it('refuses everything but renewals and probes while it is overloaded', async () => {
  server = await ApiServer.start();
  await server.ask('POST', '/registrations/web/1/h/80');
  const overloaded = jest.spyOn(Pressure.prototype, 'overloaded', 'get').mockReturnValue(true);
  for (const [method, path] of [
    ['GET', '/registrations'],
    ['POST', '/backends'],
    ['GET', '/events'],
    ['GET', '/status'],
  ] as const)
    expect(await server.ask(method, path)).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1' },
      body: { code: 'OVERLOADED' },
    });
  expect(await server.ask('POST', '/registrations/web/1/h/80', { body: { ttl: 5000 } })).toMatchObject({
    status: 503,
  });
  expect(await server.ask('PUT', '/registrations/web/1/h/80/lease')).toMatchObject({ status: 204 });
  expect(await server.ask('POST', '/registrations/web/1/h/80')).toMatchObject({ status: 204 });
  expect(await server.ask('POST', '/renewals', { body: { ids: ['web/1/h/80'] } })).toMatchObject({
    status: 200,
    body: { renewed: 1 },
  });
  for (const path of ['/livez', '/readyz']) expect(await server.ask('GET', path)).toMatchObject({ status: 200 });
  overloaded.mockRestore();
  expect(await server.ask('GET', '/status')).toMatchObject({ body: { load: { refused: { overload: 5 } } } });
});

it('answers 503 to a connection that is one too many, and takes it when another one has gone', async () => {
  server = await ApiServer.start({
    limits: { ...loadLimitDefaults, connections: { total: 3, perAddress: 3 } },
  });
  const connections = [await open(), await open(), await open()];
  expect(await server.ask('GET', '/livez')).toMatchObject({
    status: 503,
    headers: { connection: 'close', 'retry-after': '1' },
    body: { code: 'OVERLOADED' },
  });
  connections[0]!.destroy();
  const isLet = async (): Promise<boolean> => (await server!.ask('GET', '/livez')).status === 200;
  while (!(await isLet()));
  expect(server.logged.filter(({ message }) => message.includes('too many are open'))).toHaveLength(1);
});

it('refuses changes of the catalog beyond their rate with 429', async () => {
  server = await ApiServer.start({ limits: { ...loadLimitDefaults, catalogWrites: 0.02 } });
  const create = (name: string) => server!.ask('POST', '/backends', { body: { name, app: 'web', version: '1' } });
  expect(await create('a')).toMatchObject({ status: 201 });
  expect(await create('b')).toMatchObject({ status: 201 });
  expect(await create('c')).toMatchObject({
    status: 429,
    headers: { 'retry-after': '50' },
    body: { code: 'TOO_MANY_REQUESTS' },
  });
});

it('takes only so many bytes of bodies at a time', async () => {
  server = await ApiServer.start();
  const head = 'POST /renewals HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n';
  const before = process.memoryUsage().rss;
  const sockets: Socket[] = [];
  let refused = '';
  for (let index = 0; index < 80; index++) {
    const socket = await open();
    sockets.push(socket);
    let read = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      read += text;
      if (read.endsWith('}')) refused ||= read;
    });
    socket.write(`${head}Content-Length: 2097152\r\n\r\n`);
    socket.write(Buffer.alloc(2_000_000, 32));
  }
  while (refused === '') await new Promise((resolve) => setTimeout(resolve, 5));
  expect(refused).toMatch(/^HTTP\/1.1 503 /);
  expect(refused).toContain('"code":"OVERLOADED"');
  // The test holds as much on its side.
  expect(process.memoryUsage().rss - before).toBeLessThan(500 * 1024 * 1024);
});
