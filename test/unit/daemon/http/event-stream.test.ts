import { beforeEach, expect, it, jest } from '@jest/globals';
import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { EventLog } from '../../../../src/daemon/core/events/event-log.js';
import { Chunks } from '../../../../src/daemon/http/chunks.js';
import { EncodedEvents } from '../../../../src/daemon/http/encoded-events.js';
import { EventFilter } from '../../../../src/daemon/http/event-filter.js';
import { EventStream } from '../../../../src/daemon/http/event-stream.js';
import { asRunId } from '../../../helpers/samples.js';

/** ms that one event takes. */
const eventMs = 0.25;
/** More than the most that is looked at in one go. */
const missed = 2500;

let now: number;
let log: EventLog;
/** How often an event was taken from the log. */
let looked: number;
let written: string[];

beforeEach(() => {
  now = looked = 0;
  written = [];
  log = new EventLog(asRunId('run'), () => 0, { error: () => undefined });
  const daemon = { name: 'd', url: 'http://d', generation: 1, runId: 'r', version: '1.0.0' };
  for (let index = 0; index < missed; index++) log.append({ type: 'daemon-online', daemon });
  const at = log.at.bind(log);
  jest.spyOn(log, 'at').mockImplementation((position) => {
    now += eventMs;
    looked++;
    return at(position);
  });
});

interface Watcher {
  stream: EventStream;
  response: EventEmitter;
  onWritable: jest.Mock<() => void>;
}

/** @param hasRoom  whether it takes more than what was written to it so far */
function newWatcher(query: string, hasRoom = true): Watcher {
  const write = (bytes: Buffer): boolean => written.push(bytes.toString()) > 0 && hasRoom;
  const response = Object.assign(new EventEmitter(), { destroyed: false, chunkedEncoding: false, write });
  const filter = new EventFilter(new URLSearchParams(query));
  const onWritable = jest.fn();
  const encoded = new EncodedEvents(log);
  const stream = new EventStream(response as unknown as ServerResponse, filter, encoded, onWritable, () => now);
  return { stream, response, onWritable };
}

function resumed(query: string): EventStream {
  const { stream } = newWatcher(query);
  stream.begin(0, undefined);
  return stream;
}

it.each([
  ['that pass its filter', '', missed],
  ['of which its filter lets none pass', 'type=online', 0],
])('tells a watcher in slices of the thousands of events that it missed, %s', (_, query, told) => {
  const stream = resumed(query);
  const slices: number[] = [];
  let left: string | undefined;
  do {
    const begun = now;
    left = stream.flush(new Chunks(), begun + 10);
    slices.push(now - begun);
  } while (left === 'more');

  expect(left).toBeUndefined();
  // What is begun when the time is over is at most 100 events.
  expect(Math.max(...slices)).toBeLessThan(10 + 100 * eventMs);
  const ids = [...written.join('').matchAll(/^id: run:(\d+)$/gm)].map(([, id]) => Number(id));
  expect(ids).toEqual(Array.from({ length: told }, (_, index) => index + 1));
});

it('keeps the last events as they were sent for the next watchers, and no others', () => {
  const encoded = new EncodedEvents(log);
  const look = (position: number): void => void encoded.after(position, new EventFilter(new URLSearchParams()));
  for (let position = 0; position < missed; position += 100) look(position);
  expect(looked).toBe(missed);
  look(missed - 100);
  expect(looked).toBe(missed);
  look(0);
  expect(looked).toBe(missed + 100);
});

it('fills no silence inside a snapshot that leaves in slices', () => {
  const { stream } = newWatcher('');
  const snapshot = `data: ${'x'.repeat(100_000)}\n\n`;
  stream.begin(missed, Buffer.from(snapshot));
  expect(stream.flush(new Chunks(), now)).toBe('more');
  for (let ticks = 0; ticks < 3; ticks++) stream.tick(new Chunks());
  stream.flush(new Chunks(), now);
  expect(written.join('')).toContain(snapshot);
});

it('writes one piece at least, however little time there is', () => {
  const stream = resumed('');
  expect(stream.flush(new Chunks(), -Infinity)).toBe('more');
  expect(written.join('')).toContain('id: run:1\n');
});

it('writes some pieces in a row, however much time there is, and then lets others have their turn', () => {
  const stream = resumed('');
  expect(stream.flush(new Chunks(), Infinity)).toBe('more');
  const ids = [...written.join('').matchAll(/^id: run:(\d+)$/gm)];
  expect(ids).toHaveLength(400);
});

it('writes a snapshot in slices, whole, and then what came after it', () => {
  const snapshot = Buffer.from(Array.from({ length: 30_000 }, (_, line) => `line ${line}`).join());
  const { stream } = newWatcher('');
  stream.begin(missed - 1, snapshot);
  while (stream.flush(new Chunks(), Infinity) === 'more');
  expect(Math.max(...written.map(({ length }) => length))).toBeLessThan(70_000);
  const [before, after] = written.join('').split(snapshot.toString());
  expect(before).toBe('retry: 1000\n\n');
  expect(after).toMatch(new RegExp(`^id: run:${missed}\n[^\n]*\n[^\n]*\n\n$`));
});

it('writes no slice of a snapshot to a watcher that has not taken the one before', () => {
  const { stream, response, onWritable } = newWatcher('', false);
  stream.begin(missed, Buffer.alloc(150_000, 'x'));
  for (const slices of [1, 2, 3]) {
    expect(stream.flush(new Chunks(), Infinity)).toBeUndefined();
    expect(stream.flush(new Chunks(), Infinity)).toBeUndefined();
    expect(written).toHaveLength(slices);
    now += 100;
    expect(stream.stuckForMs).toBe(100);
    response.emit('drain');
    expect(onWritable).toHaveBeenCalledTimes(slices);
    expect(stream.stuckForMs).toBe(0);
  }
});
