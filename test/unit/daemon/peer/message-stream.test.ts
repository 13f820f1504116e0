import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { encodeMessage, type Message } from '../../../../src/daemon/peer/message.js';
import { MessageStream } from '../../../../src/daemon/peer/message-stream.js';
import { PeerTraffic } from '../../../../src/daemon/peer/peer-traffic.js';

/** A socket whose other side takes nothing until it is told to. */
class FakeSocket extends EventEmitter {
  bytesWritten = 0;
  writableLength = 0;
  isPaused = false;
  readonly setNoDelay = jest.fn();
  readonly destroy = jest.fn();

  write(bytes: Buffer): boolean {
    this.bytesWritten += bytes.length;
    this.writableLength += bytes.length;
    return false;
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  takeAll(): void {
    this.writableLength = 0;
    this.emit('drain');
  }
}

let socket: FakeSocket;
/** Numbers of the messages that were told, and why the stream has ended. */
let told: number[];
let ended: string[];
/** ms that taking messages took so far: timers do not move meanwhile. */
let taking: number;
beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'performance'] });
  taking = 0;
  jest.spyOn(performance, 'now').mockImplementation(() => taking);
  socket = new FakeSocket();
  told = [];
  ended = [];
});
afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
});

function open(answer: (message: Message) => void | Promise<void> = () => undefined, pausing = true) {
  const onMessage = (message: Message): void | Promise<void> => {
    told.push(message[0]);
    return answer(message);
  };
  const listener = { onMessage, onEnd: (reason: string) => void ended.push(reason) };
  return new MessageStream(socket as unknown as Socket, Buffer.alloc(0), listener, new PeerTraffic(), pausing);
}

const receive = (bytes: Buffer): void => void socket.emit('data', bytes);
const messages = (...numbers: number[]): Buffer =>
  Buffer.concat(numbers.map((number) => encodeMessage([number, { some: 'frame' }])));

it('ends if a message that has begun does not end', () => {
  open();
  receive(messages(1).subarray(0, 5));
  jest.advanceTimersByTime(9_900);
  // Going on with it is not ending it.
  receive(messages(1).subarray(5, 6));
  expect(ended).toEqual([]);
  jest.advanceTimersByTime(200);
  expect(ended).toEqual(['did not end a message that it had begun']);
});

it('goes on when a message has ended that came in pieces', () => {
  open();
  const bytes = messages(1);
  for (const at of [0, 5, 6]) receive(bytes.subarray(at, at === 6 ? undefined : at + (at === 0 ? 5 : 1)));
  expect(told).toEqual([1]);
  jest.advanceTimersByTime(60_000);
  expect(ended).toEqual([]);
});

it('gives each message that begins its own time', () => {
  open();
  receive(messages(1).subarray(0, 5));
  jest.advanceTimersByTime(9_900);
  receive(Buffer.concat([messages(1).subarray(5), messages(2).subarray(0, 5)]));
  jest.advanceTimersByTime(9_900);
  expect([told, ended]).toEqual([[1], []]);
  jest.advanceTimersByTime(200);
  expect(ended).toEqual(['did not end a message that it had begun']);
});

it('does not hold it against the peer that a message waits which it has sent', () => {
  const stream = open(() => stream.send([0, {}]));
  receive(messages(1).subarray(0, 5));
  receive(Buffer.concat([messages(1).subarray(5), messages(2), messages(3).subarray(0, 5)]));
  expect(told).toEqual([1]);
  jest.advanceTimersByTime(14_000);
  expect(ended).toEqual([]);
  socket.takeAll();
  expect(told).toEqual([1, 2]);
});

it('keeps the stream of a peer that takes a little now and then, and ends that of one that takes nothing', () => {
  const stream = open();
  stream.send([1, 'x'.repeat(1000)]);
  for (let count = 0; count < 10; count++) {
    jest.advanceTimersByTime(14_000);
    socket.writableLength -= 50;
  }
  expect(ended).toEqual([]);
  jest.advanceTimersByTime(31_000);
  expect(ended).toEqual(['takes nothing of what is written to it']);
});

it('keeps the stream of a peer that has taken everything, and has nothing to take', () => {
  const stream = open();
  stream.send([1, {}]);
  socket.takeAll();
  jest.advanceTimersByTime(120_000);
  expect(ended).toEqual([]);
  expect(jest.getTimerCount()).toBe(0);
});

it('ends once, closes its connection, and leaves nothing to come', () => {
  const stream = open();
  stream.send([1, {}]);
  receive(messages(1).subarray(0, 5));
  stream.end('enough');
  expect(socket.destroy).toHaveBeenCalledTimes(1);
  stream.end('once more');
  socket.emit('error', new Error('gone'));
  socket.emit('close');
  expect(ended).toEqual(['enough']);
  expect(jest.getTimerCount()).toBe(0);
});

it('tells no message after its end, neither of those that came together nor of those that waited', () => {
  const together = open(() => together.end('enough'));
  receive(messages(1, 2, 3));
  expect(told).toEqual([1]);
  socket = new FakeSocket();
  told = [];
  const waiting = open(() => waiting.send([0, {}]));
  receive(messages(4, 5));
  expect(told).toEqual([4]);
  waiting.end('enough');
  socket.takeAll();
  jest.runAllTimers();
  expect(told).toEqual([4]);
  expect(socket.isPaused).toBe(true);
});

it('sends what is short at once', () => {
  open();
  expect(socket.setNoDelay).toHaveBeenCalledWith(true);
});

it('reads no further once an answer is not taken that took its time, until it is', async () => {
  let answer = (): void => undefined;
  const stream = open(
    () =>
      new Promise((resolve) => {
        answer = () => {
          stream.send([1, {}]);
          resolve();
        };
      }),
  );
  receive(messages(1));
  expect(socket.isPaused).toBe(false);
  answer();
  expect(socket.isPaused).toBe(true);
  await Promise.resolve();
  expect(socket.isPaused).toBe(true);
  socket.takeAll();
  expect(socket.isPaused).toBe(false);
});

it('goes on reading at the side that asks, which may have to take an answer before its question is taken', () => {
  const stream = open(() => undefined, false);
  stream.send([1, {}]);
  receive(messages(1, 2, 3));
  expect(told).toEqual([1, 2, 3]);
  expect(socket.isPaused).toBe(false);
});

it('takes messages for some milliseconds in a turn, and the others in turns to come', () => {
  open(() => void (taking += 6));
  receive(messages(1, 2, 3, 4, 5));
  expect(told).toEqual([1, 2]);
  expect(socket.isPaused).toBe(true);
  jest.advanceTimersToNextTimer();
  expect(told).toEqual([1, 2, 3, 4]);
  jest.advanceTimersToNextTimer();
  expect(told).toEqual([1, 2, 3, 4, 5]);
  expect(socket.isPaused).toBe(false);
});
