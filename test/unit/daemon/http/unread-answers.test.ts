import { beforeEach, expect, it, jest } from '@jest/globals';
import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { Content } from '../../../../src/daemon/http/content.js';
import { LoadCounters } from '../../../../src/daemon/http/load-counters.js';
import { UnreadAnswers } from '../../../../src/daemon/http/unread-answers.js';

const large = 100_000;

let now: number;
let counters: LoadCounters;
let unread: UnreadAnswers;
beforeEach(() => {
  now = 0;
  counters = new LoadCounters({ warn: jest.fn() });
  unread = new UnreadAnswers(counters, 2.5 * large, () => now);
});

const contentOf = (bytes: number): Content => new Content(Buffer.alloc(bytes));

interface Reader {
  response: ServerResponse;
  /** Whether its connection was closed. */
  isCutOff: () => boolean;
  /** It has read everything, or has gone. */
  close: () => void;
}

function newReader(): Reader {
  const destroy = jest.fn();
  const response = Object.assign(new EventEmitter(), { req: { socket: { destroy } } });
  return {
    response: response as unknown as ServerResponse,
    isCutOff: () => destroy.mock.calls.length > 0,
    close: () => response.emit('close'),
  };
}

it('refuses an answer for which there is no room, and takes it when others have been read', () => {
  const readers = [newReader(), newReader(), newReader()] as const;
  for (const { response } of readers.slice(0, 2)) unread.keep(contentOf(large), response);
  expect(() => unread.keep(contentOf(large), readers[2].response)).toThrow(
    expect.objectContaining({ code: 'OVERLOADED' }),
  );
  expect(counters.counts).toEqual({ unread: 1 });
  readers[0].close();
  unread.keep(contentOf(large), readers[2].response);
  expect(readers.some(({ isCutOff }) => isCutOff())).toBe(false);
});

it('counts an answer that many read once, until the last of them has it', () => {
  const shared = contentOf(2 * large);
  const readers = Array.from({ length: 100 }, newReader);
  for (const { response } of readers) unread.keep(shared, response);
  for (const { close } of readers.slice(1)) close();
  expect(() => unread.keep(contentOf(large), newReader().response)).toThrow('wait to be read');
  readers[0]!.close();
  unread.keep(contentOf(large), newReader().response);
});

it('closes the connections of those that have not read theirs for the longest, if others need room', () => {
  const [old, readers] = [contentOf(large), [newReader(), newReader()]];
  for (const { response } of readers) unread.keep(old, response);
  now = 4000;
  const young = newReader();
  unread.keep(contentOf(large), young.response);
  now = 5000;
  unread.keep(contentOf(large), newReader().response);
  expect(readers.map(({ isCutOff }) => isCutOff())).toEqual([true, true]);
  expect(young.isCutOff()).toBe(false);
  expect(counters.counts).toEqual({ unread: 2 });
});

it('does not count what is small', () => {
  for (let index = 0; index < 100; index++) unread.keep(contentOf(50_000), newReader().response);
});
