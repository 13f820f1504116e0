import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { Connection, track } from '../../../../src/daemon/http/connection.js';
import { ConnectionLimits } from '../../../../src/daemon/http/connection-limits.js';
import { LoadCounters } from '../../../../src/daemon/http/load-counters.js';

/** A connection as far as its limits look at it. */
class FakeSocket extends EventEmitter {
  bytesRead = 0;
  writableLength = 0;
  destroyed = false;
  readonly setTimeout = jest.fn();

  constructor(readonly remoteAddress = '10.0.0.1') {
    super();
  }

  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

let server: EventEmitter & { maxConnections?: number };
let counters: LoadCounters;
let limits: ConnectionLimits;
beforeEach(() => {
  jest.useFakeTimers();
  server = new EventEmitter();
  counters = new LoadCounters({ warn: jest.fn() });
  limits = new ConnectionLimits(server as unknown as Server, { total: 3, perAddress: 2 }, counters);
});
afterEach(() => {
  server.emit('close');
  jest.useRealTimers();
});

function connect(address?: string): FakeSocket {
  const socket = new FakeSocket(address);
  server.emit('connection', socket);
  return socket;
}

/** Lets so many seconds pass; each of them, `every` happens. */
function pass(seconds: number, every = (): void => undefined): void {
  for (let second = 0; second < seconds; second++) {
    every();
    jest.advanceTimersByTime(1000);
  }
}

/** Has a request come by it that is not whole. */
function isReceiving(socket: FakeSocket): void {
  const connection = new Connection(socket as unknown as Socket, {
    read: jest.fn(),
    free: jest.fn(),
    waiting: jest.fn(),
  });
  track(connection);
  connection.note({ complete: false } as never);
}

it('closes a connection on which an answer makes no progress', () => {
  const [stuck, slow, idle] = [connect('a'), connect('b'), connect('c')];
  stuck.writableLength = slow.writableLength = 1_000_000;
  pass(15, () => (slow.writableLength -= 1));
  expect(stuck.destroyed).toBe(false);
  pass(5, () => (slow.writableLength -= 1));
  expect([stuck, slow, idle].map(({ destroyed }) => destroyed)).toEqual([true, false, false]);
  expect(counters.counts).toEqual({ stalled: 1 });
  expect(limits.total).toBe(2);
});

it('closes a connection on which a request makes no progress', () => {
  const [stuck, slow] = [connect('a'), connect('b')];
  for (const socket of [stuck, slow]) isReceiving(socket);
  pass(15, () => slow.bytesRead++);
  expect(stuck.destroyed).toBe(false);
  pass(5, () => slow.bytesRead++);
  expect([stuck, slow].map(({ destroyed }) => destroyed)).toEqual([true, false]);
});

it('refuses the connections of an address beyond its number, and of all beyond theirs', () => {
  const sockets = ['a', 'a', 'a', 'b', 'c'].map(connect) as unknown as Socket[];
  expect(sockets.map((socket) => limits.refusal(socket)?.message)).toEqual([
    undefined,
    undefined,
    'too many connections are open from your address',
    undefined,
    'too many connections are open',
  ]);
  expect(counters.counts).toEqual({ connectionsOfAddress: 1, connections: 1 });
  expect(limits.total).toBe(3);
});

it('has the system close what is far beyond, and one that is refused wait no longer than a moment', () => {
  expect(server.maxConnections).toBe(3 + 256);
  server.emit('drop');
  expect(counters.counts).toEqual({ connections: 1 });
  const refused = ['a', 'a', 'a'].map(connect)[2]!;
  const [ms, end] = refused.setTimeout.mock.calls[0] as [number, () => void];
  expect(ms).toBe(2000);
  end();
  expect(refused.destroyed).toBe(true);
  expect(limits.refusal(refused as unknown as Socket)).toBeUndefined();
});
