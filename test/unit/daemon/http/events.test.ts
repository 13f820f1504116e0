import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { ApiServer } from '../../../helpers/api-server.js';
import { type ReadEvent, readEvents } from '../../../helpers/event-reader.js';

let server: ApiServer;
beforeEach(async () => {
  server = await ApiServer.start({ idleMs: 20, conditionMs: 10, maxBehindBytes: 100_000 });
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
  expect(server.daemon.events.watchers).toBe(1);

  const { registration } = server.daemon.register({ app: 'web', version: '1.0.0', host: 'h', port: 80 }, {});
  const large = { ...registration, meta: { text: 'x'.repeat(50_000) } };
  while (server.daemon.events.watchers > 0) {
    server.daemon.events.append({ type: 'updated', registration: large, previous: {} });
    await new Promise(setImmediate);
  }
  expect(server.logged).toContainEqual(
    expect.objectContaining({ message: expect.stringContaining('too slowly') }),
  );
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

it('sends what comes at once as one chunk', async () => {
  const both = () =>
    ['web', 'shop'].map((app) => server.daemon.register({ app, version: '1.0.0', host: 'h', port: 80 }, {}));
  const read = await readRaw('GET /events HTTP/1.1\r\nHost: h\r\n\r\n', both, '"app":"shop"');
  const [, size, chunk] = /\r\n([0-9a-f]+)\r\n(id: [^\r]*"app":"web"[^\r]*)\r\n$/.exec(read)!;
  expect(Buffer.byteLength(chunk!)).toBe(parseInt(size!, 16));
});

it('sends no chunks to those who do not know them', async () => {
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
  expect(server.daemon.events.watchers).toBe(1);
  gone.abort();
  while (server.daemon.events.watchers > 0) await new Promise(setImmediate);
});

it('ends when the daemon leaves', async () => {
  const events = await watch();
  await next(events);
  server.endStreams();
  expect(await next(events)).toBeUndefined();
});

it('answers HEAD without a stream', async () => {
  expect(await server.ask('HEAD', '/events')).toMatchObject({ status: 200, body: '' });
  expect(server.daemon.events.watchers).toBe(0);
});
