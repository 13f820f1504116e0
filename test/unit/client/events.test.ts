import { afterEach, expect, it, jest } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import { Client } from '../../../src/client/client.js';
import type { EventFilter, EventOptions, WatchedEvent } from '../../../src/client/events.js';
import { InvalidError, UnreachableError } from '../../../src/model/errors.js';
import type { Answerer } from '../../helpers/fake-daemon.js';
import { FakeDaemon, deadUrl, error, silence } from '../../helpers/fake-daemon.js';

const daemon = (answer: Answerer): Promise<FakeDaemon> => FakeDaemon.start(answer);
afterEach(() => FakeDaemon.stopAll());

const timers = { now: () => 0, random: () => 0, sleep: async () => undefined };
const sse = (id: string): string => `id: ${id}\nevent: online\ndata: {"type":"online","n":"${id}"}\n\n`;

/** A stream that sends these parts and then ends, or stays open. */
const stream =
  (parts: string[], end: 'end' | 'break' | 'stay' = 'end', headers: Record<string, string> = {}): Answerer =>
  (_, response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', ...headers });
    for (const part of parts) response.write(part);
    if (end === 'end') response.end();
    if (end === 'break') response.socket!.destroySoon();
  };

/** One answer after the other; the last one stays. */
const inTurn = (...answers: Answerer[]): Answerer => {
  return (asked, response) => (answers.length > 1 ? answers.shift()! : answers[0]!)(asked, response);
};

async function take(
  count: number,
  servers: string[],
  filter: EventFilter = {},
  options: EventOptions = {},
): Promise<WatchedEvent[]> {
  const seen: WatchedEvent[] = [];
  for await (const event of new Client({ servers, timeoutMs: 200 }).events(filter, { timers, ...options })) {
    seen.push(event);
    if (seen.length === count) break;
  }
  return seen;
}

const ids = (events: WatchedEvent[]): string[] => events.map(({ id }) => id);

it('reads events, whatever the pieces that they arrive in', async () => {
  const whole = `retry: 1000\n\n: idle\n\n${sse('r:1')}${sse('r:2')}`;
  const { url } = await daemon(stream([whole.slice(0, 40), whole.slice(40, 41), whole.slice(41)], 'stay'));
  expect(await take(2, [url])).toMatchObject([
    { id: 'r:1', server: url, event: { type: 'online' } },
    { id: 'r:2', server: url },
  ]);
});

it('ends when its signal aborts, also if more has arrived', async () => {
  const { url } = await daemon(stream([sse('r:1') + sse('r:2')], 'stay'));
  const stop = new AbortController();
  const seen: string[] = [];
  for await (const { id } of new Client({ servers: [url] }).events({}, { signal: stop.signal })) {
    seen.push(id);
    stop.abort();
  }
  expect(seen).toEqual(['r:1']);
});

it('takes an undefined timeout for none, and survives callbacks that throw', async () => {
  const warned = jest.spyOn(process, 'emitWarning').mockReturnValue(undefined);
  const late = stream([sse('r:1')]);
  const { url } = await daemon((asked, response) => void setTimeout(() => late(asked, response), 20));
  const fault = (): never => {
    throw new Error('a fault of the program');
  };
  const options = { timeoutMs: undefined, onConnect: fault, onDisconnect: fault };
  expect(ids(await take(2, [url], {}, options))).toEqual(['r:1', 'r:1']);
  expect(warned).toHaveBeenCalledTimes(3);
  warned.mockRestore();
});

it('asks for what the filter says', async () => {
  const { url, asked } = await daemon(stream([sse('r:1')]));
  await take(1, [url], { app: 'web', version: '^1.0.0', types: ['online', 'offline'] });
  expect(asked[0]!.path).toBe('/events?app=web&version=%5E1.0.0&type=online&type=offline');
  expect(asked[0]!.headers.accept).toBe('text/event-stream');
});

it.each(['end', 'break'] as const)('resumes where it was after the %s of a stream', async (end) => {
  const { url, asked } = await daemon(inTurn(stream([sse('r:1')], end), stream([sse('r:2')])));
  const lost: string[] = [];
  expect(ids(await take(2, [url], {}, { onDisconnect: ({ server }) => lost.push(server) }))).toEqual(['r:1', 'r:2']);
  expect(asked.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, 'r:1']);
  expect(lost).toEqual([url]);
});

it('resumes after an event that an earlier run has seen', async () => {
  const { url, asked } = await daemon(stream([sse('r:8')]));
  await take(1, [url], {}, { lastEventId: 'r:7' });
  expect(asked[0]!.headers['last-event-id']).toBe('r:7');
});

it('takes a stream that has fallen silent for lost', async () => {
  const { url } = await daemon(inTurn(stream([sse('r:1')], 'stay'), stream([sse('r:2')], 'stay')));
  const reasons: string[] = [];
  const options: EventOptions = { idleMs: 50, onDisconnect: ({ reason }) => reasons.push(reason) };
  expect(ids(await take(2, [url], {}, options))).toEqual(['r:1', 'r:2']);
  expect(reasons).toEqual(['silent for 50 ms']);
});

it('goes over to another daemon', async () => {
  const first = await daemon(inTurn(stream([sse('a:1')]), error(503, 'NOT_READY')));
  const second = await daemon(stream([sse('b:1')]));
  expect(await take(2, [first.url, second.url])).toMatchObject([{ server: first.url }, { server: second.url }]);
  expect(second.asked[0]!.headers['last-event-id']).toBe('a:1');
});

it('says so when no daemon can be reached at first, and tries on once one was', async () => {
  await expect(take(1, [await deadUrl()])).rejects.toThrow(UnreachableError);
  const { url } = await daemon(
    inTurn(stream([sse('r:1')]), error(503, 'NOT_READY'), error(500, 'INTERNAL'), stream([sse('r:2')])),
  );
  expect(ids(await take(2, [url]))).toEqual(['r:1', 'r:2']);
});

it('waits for a daemon from the start, where it is to be persistent', async () => {
  const { url } = await daemon(inTurn(error(503, 'NOT_READY'), stream([sse('r:1')])));
  expect(ids(await take(1, [url], {}, { persistent: true }))).toEqual(['r:1']);
  const refusing = await daemon(error(400, 'INVALID'));
  await expect(take(1, [refusing.url], {}, { persistent: true })).rejects.toThrow(InvalidError);
});

it.each(['x-bender-warming', 'x-bender-stale'])(
  'goes on to the next daemon where one says %s and only trusted ones will do',
  async (header) => {
    const doubtful = await daemon(stream([sse('a:1')], 'stay', { [header]: 'true' }));
    const good = await daemon(stream([sse('b:1')]));
    const servers = [doubtful.url, good.url];
    expect(ids(await take(1, servers))).toEqual(['a:1']);
    expect(ids(await take(1, servers, {}, { trusted: true }))).toEqual(['b:1']);
  },
);

it('waits for a daemon that is to be trusted and is not sure yet, also at first', async () => {
  const doubtful = stream([sse('a:1')], 'stay', { 'x-bender-warming': 'true' });
  const { url } = await daemon(inTurn(doubtful, stream([sse('a:2')])));
  expect(ids(await take(1, [url], {}, { trusted: true }))).toEqual(['a:2']);
});

it('waits for no such daemon if it is not to be persistent', async () => {
  const { url } = await daemon(stream([sse('a:1')], 'stay', { 'x-bender-warming': 'true' }));
  await expect(take(1, [url], {}, { trusted: true, persistent: false })).rejects.toThrow('has just started');
});

it('leaves a daemon that becomes doubtful, and resumes nothing of what it said then', async () => {
  const marked = 'id: a:2\nevent: condition\ndata: {"type":"condition","stale":true}\n\n';
  const parts = [sse('a:1'), marked, sse('a:3')];
  const doubtful = await daemon(silence);
  const good = await daemon(stream([sse('b:1')]));
  const lost: string[] = [];
  const options: EventOptions = { trusted: true, onDisconnect: ({ reason }) => lost.push(reason) };
  const servers = [doubtful.url, good.url];
  doubtful.answer = inTurn(stream(parts, 'stay'), stream([sse('a:3')], 'stay', { 'x-bender-stale': 'true' }));
  expect(ids(await take(2, servers, {}, options))).toEqual(['a:1', 'b:1']);
  expect(lost).toEqual(['it is cut off from most of the other daemons']);
  expect(good.asked[0]!.headers['last-event-id']).toBeUndefined();
});

it('says so when the filter is refused', async () => {
  const { url } = await daemon(error(400, 'INVALID'));
  await expect(take(1, [url])).rejects.toThrow(InvalidError);
});

it('ends when told to, in the middle of a silence', async () => {
  const { url } = await daemon(stream([sse('r:1')], 'stay'));
  const stopping = new AbortController();
  const seen: string[] = [];
  for await (const { id } of new Client({ servers: [url] }).events({}, { signal: stopping.signal })) {
    seen.push(id);
    setImmediate(() => stopping.abort());
  }
  expect(seen).toEqual(['r:1']);
});
