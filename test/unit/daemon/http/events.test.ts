import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { EncodedEvents } from '../../../../src/daemon/http/encoded-events.js';
import { Listings } from '../../../../src/daemon/http/listings.js';
import { UnreadAnswers } from '../../../../src/daemon/http/unread-answers.js';
import { OverloadedError } from '../../../../src/model/errors.js';
import { loadLimitDefaults } from '../../../../src/daemon/http/load-limits.js';
import { ApiServer } from '../../../helpers/api-server.js';
import { type ReadEvent, readEvents } from '../../../helpers/event-reader.js';

let server: ApiServer;
beforeEach(async () => {
  server = await ApiServer.start({ streams: { idleMs: 20, conditionMs: 10, stuckMs: 300 } });
});
afterEach(() => server.stop());

const register = (app: string) => server.ask('POST', `/registrations/${app}/1.0.0/h/80`);

async function watch(query = '', headers: Record<string, string> = {}) {
  const response = await fetch(`${server.url}/events${query}`, { headers });
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  const events = readEvents(response.body!);
  expect(await events.next()).toMatchObject({ value: { other: 'retry: 1000' } });
  return events;
}

/** The next event, comments left out. */
async function next(events: AsyncGenerator<ReadEvent, void>): Promise<ReadEvent | undefined> {
  for (;;) {
    const { value } = await events.next();
    if (!value?.other) return value ?? undefined;
  }
}

it('starts with a snapshot, and goes on with every change', async () => {
  await register('early');
  const events = await watch('?type=online');
  expect(await next(events)).toMatchObject({
    id: server.daemon.events.lastId,
    event: 'snapshot',
    data: { registrations: [{ app: 'bender' }, { app: 'early' }], backends: [] },
  });
  await register('late');
  expect(await next(events)).toMatchObject({
    id: server.daemon.events.lastId,
    event: 'online',
    data: { type: 'online', registration: { app: 'late' } },
  });
});

it.each([
  ['the header that EventSource sends', (id: string) => ['', { 'last-event-id': id }] as const],
  ['the parameter', (id: string) => [`&lastEventId=${encodeURIComponent(id)}`, {}] as const],
])('resumes by %s, without a snapshot and without a gap', async (_, how) => {
  const id = server.daemon.events.lastId;
  for (const app of ['web', 'shop', 'web2']) await register(app);
  const [query, headers] = how(id);
  const events = await watch(`?app=web2${query}`, headers);
  expect(await next(events)).toMatchObject({ event: 'online', data: { registration: { app: 'web2' } } });
});

it('takes a snapshot where it cannot resume', async () => {
  const events = await watch('', { 'last-event-id': 'another-run:7' });
  expect(await next(events)).toMatchObject({ event: 'snapshot' });
});

it('says when what is to be known of the daemon changes, whatever the filter', async () => {
  server.set({ ready: false });
  const events = await watch('?type=offline');
  expect(await next(events)).toMatchObject({ event: 'snapshot', data: { warming: true } });
  server.set({ ready: true, stale: true });
  const condition = await next(events);
  expect(condition).toMatchObject({
    id: server.daemon.events.lastId,
    event: 'condition',
    data: { type: 'condition', stale: true },
  });
  expect(condition!.data).not.toHaveProperty('warming');
  server.set({ stale: false });
  expect((await next(events))!.data).toEqual({ type: 'condition', at: expect.any(Number) });
});

it('marks every change while it is not to be relied on', async () => {
  const events = await watch('?type=online');
  await next(events);
  server.set({ ready: false });
  await register('web');
  const seen = [await next(events), await next(events)];
  expect(seen.find((read) => read!.event === 'online')).toMatchObject({ data: { warming: true } });
});

it('ends what was missed with a condition', async () => {
  const id = server.daemon.events.lastId;
  await register('web');
  server.set({ stale: true });
  const events = await watch('', { 'last-event-id': id });
  expect(await next(events)).toMatchObject({ event: 'online' });
  expect(await next(events)).toMatchObject({ event: 'condition', data: { stale: true } });
});

it('fills silence with comments', async () => {
  const events = await watch();
  await next(events);
  expect(await events.next()).toMatchObject({ value: { other: ': idle' } });
});

it('cuts off a watcher that does not read, and nobody else', async () => {
  const socket = connect((server.web.server.address() as AddressInfo).port, '127.0.0.1');
  const closed = once(socket, 'close');
  socket.write('GET /events HTTP/1.1\r\nHost: h\r\n\r\n');
  await once(socket, 'data');
  socket.pause();
  expect(server.watchers).toBe(1);

  const id = server.daemon.register({ app: 'web', version: '1.0.0', host: 'h', port: 80 }, {}).registration.id;
  const large = { ...server.daemon.registration(id)!, meta: { text: 'x'.repeat(50_000) } };
  while (server.watchers > 0) {
    server.daemon.events.append({ type: 'updated', registration: large, previous: {} });
    await new Promise(setImmediate);
  }
  expect(server.logged).toContainEqual(expect.objectContaining({ message: expect.stringContaining('too slowly') }));
  socket.resume();
  await closed;
});

/** What is sent for these requests, all made at once, until `end` is part of it; `meanwhile` once they are answered. */
async function readRaw(requests: string, meanwhile: () => unknown, end: string): Promise<string> {
  const socket = connect((server.web.server.address() as AddressInfo).port, '127.0.0.1');
  socket.setEncoding('utf8').write(requests);
  let read = '';
  socket.on('data', (text: string) => {
    if (!read.includes('snapshot') && text.includes('snapshot')) void meanwhile();
    read += text;
  });
  while (!read.includes(end)) await once(socket, 'data');
  socket.destroy();
  return read;
}

/** Registrations whose snapshot is more than the buffers of a connection take. */
function fill(count: number): void {
  const meta = { text: 'x'.repeat(4000) };
  for (let index = 0; index < count; index++)
    server.daemon.register({ app: 'web', version: '1.0.0', host: `h${index}`, port: 80 }, { meta });
}

/** A watcher that takes the headers, and nothing else. */
async function watchAndWait(query = ''): Promise<Socket> {
  const socket = connect((server.web.server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(`GET /events${query} HTTP/1.1\r\nHost: h\r\n\r\n`);
  await once(socket, 'readable');
  return socket;
}

it('cuts off watchers that do not take their snapshot, which is one for all of them', async () => {
  fill(2500);
  const fragments = jest.spyOn(Listings.prototype, 'fragmentsOf');
  const sockets = await Promise.all(Array.from({ length: 10 }, () => watchAndWait()));
  expect(fragments).toHaveBeenCalledTimes(1);
  expect(server.watchers).toBeGreaterThan(0);
  while (server.watchers > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  fragments.mockRestore();
  for (const socket of sockets) socket.destroy();
});

it('cuts off a watcher that does not take what it has missed, and keeps none of it ready', async () => {
  const id = server.daemon.events.lastId;
  fill(2500);
  const at = jest.spyOn(server.daemon.events, 'at');
  const socket = await watchAndWait(`?lastEventId=${encodeURIComponent(id)}`);
  while (server.watchers > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(at.mock.calls.length).toBeLessThan(2500);
  socket.destroy();
});

it('turns to other work while it tells a watcher what it has missed', async () => {
  await server.stop();
  server = await ApiServer.start();
  const id = server.daemon.events.lastId;
  fill(2500);
  let turn = 0;
  let isOver = false;
  const nextTurn = () => {
    turn++;
    if (!isOver) setImmediate(nextTurn);
  };
  nextTurn();
  const turns: number[] = [];
  const encoded = new EncodedEvents(server.daemon.events);
  const original = encoded.after.bind(encoded);
  const spy = jest.spyOn(EncodedEvents.prototype, 'after').mockImplementation((position, filter) => {
    turns.push(turn);
    const until = performance.now() + 5;
    while (performance.now() < until);
    return original(position, filter);
  });
  const events = await watch(`?lastEventId=${encodeURIComponent(id)}`);
  for (let told = 0; told < 2500; told++) await next(events);
  isOver = true;
  spy.mockRestore();
  await events.return();
  const inOneTurn = turns.map((one) => turns.filter((other) => other === one).length);
  expect(turns.length).toBeGreaterThan(8);
  // Of 5 ms each: what takes longer than 10 ms goes on in another turn.
  expect(Math.max(...inOneTurn)).toBeLessThan(4);
});

it('cuts off a watcher that comes so late that what it has missed is no longer kept', async () => {
  await server.stop();
  server = await ApiServer.start();
  const socket = await watchAndWait();
  const daemon = { name: 'd', url: 'http://d', generation: 1, runId: 'r', version: '1.0.0' };
  // More than the buffers of a connection and the log take together.
  for (let batch = 0; batch < 60; batch++) {
    for (let index = 0; index < 1000; index++) server.daemon.events.append({ type: 'daemon-online', daemon });
    await new Promise(setImmediate);
  }
  let read = '';
  socket.setEncoding('utf8').on('data', (text: string) => (read += text));
  await once(socket, 'close');
  const ids = [...read.matchAll(/^id: .*:(\d+)$/gm)].map(([, id]) => Number(id));
  expect(ids.every((id, index) => index === 0 || id === ids[index - 1]! + 1)).toBe(true);
  expect(await server.ask('GET', '/status')).toMatchObject({
    body: { load: { watchers: 0, refused: { slowWatcher: 1 } } },
  });
});

it('refuses a snapshot for which there is no room among what waits to be read', async () => {
  const keep = jest.spyOn(UnreadAnswers.prototype, 'keep').mockImplementation(() => {
    throw new OverloadedError('no room');
  });
  const socket = connect((server.web.server.address() as AddressInfo).port, '127.0.0.1');
  socket.write('GET /events HTTP/1.1\r\nHost: h\r\n\r\n');
  await once(socket.resume(), 'close');
  expect(server.logged).not.toContainEqual(expect.objectContaining({ level: 'error' }));
  keep.mockRestore();
});

it('sends a watcher that reads slowly everything, in order', async () => {
  await server.stop();
  server = await ApiServer.start();
  fill(1000);
  const socket = await watchAndWait('?type=online');
  for (let port = 1; port <= 2000; port++)
    server.daemon.register({ app: 'late', version: '1.0.0', host: 'h', port }, { meta: { text: 'y'.repeat(3000) } });
  let read = '';
  for await (const text of socket.setEncoding('utf8')) {
    read += text as string;
    if (read.includes('"host":"h","port":2000,')) break;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const ports = [...read.matchAll(/event: online\ndata: .*?"port":(\d+),/g)].map(([, port]) => Number(port));
  expect(ports).toEqual(Array.from({ length: 2000 }, (_, index) => index + 1));
});

it('refuses watchers beyond their number, and takes them when others have gone', async () => {
  await server.stop();
  server = await ApiServer.start({
    limits: { ...loadLimitDefaults, watchers: { total: 3, perAddress: 2 } },
  });
  const sockets = [await watchAndWait(), await watchAndWait()];
  expect(await server.ask('GET', '/events')).toMatchObject({
    status: 503,
    headers: { 'retry-after': '1' },
    body: { code: 'OVERLOADED', message: 'too many watchers are connected from your address' },
  });
  expect(await server.ask('GET', '/status')).toMatchObject({
    body: { load: { watchers: 2, refused: { watchersOfAddress: 1 } } },
  });
  sockets[0]!.destroy();
  while (server.watchers > 1) await new Promise(setImmediate);
  sockets.push(await watchAndWait());
  for (const socket of sockets) socket.destroy();
});

it('cuts off one whose event cannot be made, and neither the request nor the others', async () => {
  const [one, other] = [await watch('?type=online'), await watch('?type=online&app=web')];
  await next(one);
  await next(other);
  // A change that throws when it is told to a watcher that asks for everything.
  const broken = {
    type: 'online' as const,
    registration: {
      ...server.daemon.registration('bender/x')!,
      ...{ app: 'broken', version: '1' },
      get id(): never {
        throw new Error('cannot be told');
      },
    },
  };
  expect(() => server.daemon.events.append(broken)).not.toThrow();
  expect(await register('web')).toMatchObject({ status: 200 });
  expect(await next(other)).toMatchObject({ event: 'online', data: { registration: { app: 'web' } } });
  expect(await next(one).catch(() => undefined)).toBeUndefined();
});

it('sends what comes at once as one chunk', async () => {
  const both = () =>
    ['web', 'shop'].map((app) => server.daemon.register({ app, version: '1.0.0', host: 'h', port: 80 }, {}));
  const read = await readRaw('GET /events HTTP/1.1\r\nHost: h\r\n\r\n', both, '"app":"shop"');
  const [, size, chunk] = /\r\n([0-9a-f]+)\r\n(id: [^\r]*"app":"web"[^\r]*)\r\n$/.exec(read)!;
  expect(Buffer.byteLength(chunk!)).toBe(parseInt(size!, 16));
});

it('sends no chunks to clients that do not know them', async () => {
  const read = await readRaw('GET /events HTTP/1.0\r\n\r\n', () => register('web'), '"app":"web"');
  expect(read).toMatch(/\r\n\r\nretry: 1000\n\nid: .*\n\nid: .*\n\n$/s);
  expect(read).not.toContain('chunked');
});

it('waits for its turn among pipelined requests', async () => {
  const requests = ['/registrations', '/events'].map((path) => `GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`);
  const read = await readRaw(requests.join(''), () => register('web'), '"app":"web"');
  expect(read).toMatch(/^HTTP\/1.1 200 .*HTTP\/1.1 200 .*retry: 1000\n\n.*snapshot.*"app":"web"/s);
});

it('forgets a watcher that leaves', async () => {
  const gone = new AbortController();
  const response = await fetch(`${server.url}/events`, { signal: gone.signal });
  expect(response.status).toBe(200);
  expect(server.watchers).toBe(1);
  gone.abort();
  while (server.watchers > 0) await new Promise(setImmediate);
});

it('ends when the daemon leaves', async () => {
  const events = await watch();
  await next(events);
  server.endStreams();
  expect(await next(events)).toBeUndefined();
});

it('answers HEAD without a stream', async () => {
  expect(await server.ask('HEAD', '/events')).toMatchObject({ status: 200, body: '' });
  expect(server.watchers).toBe(0);
});
