import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Bodies } from '../../../../src/daemon/http/body.js';
import { LoadCounters } from '../../../../src/daemon/http/load-counters.js';

/** More than half of what all bodies may take. */
const large = 100 * 2 ** 20;

let now: number;
let counters: LoadCounters;
let bodies: Bodies;
beforeEach(() => {
  now = 0;
  jest.spyOn(performance, 'now').mockImplementation(() => now);
  counters = new LoadCounters({ warn: jest.fn() });
  bodies = new Bodies(counters);
});
afterEach(() => {
  jest.restoreAllMocks();
});

const newMessage = () => Object.assign(new EventEmitter(), { destroy: jest.fn(), socket: {} });
const take = (message: EventEmitter, size: number): boolean => bodies.take(message as unknown as IncomingMessage, size);

it('gives back the memory of a body that has come, or was broken off', () => {
  const first = newMessage();
  for (const size of [large / 4, large / 2, large]) expect(take(first, size)).toBe(true);
  expect(take(newMessage(), large)).toBe(false);
  first.emit('close');
  expect(take(newMessage(), large)).toBe(true);
  expect(first.destroy).not.toHaveBeenCalled();
});

it('breaks off the body that has come for the longest, if others need room', () => {
  const [slow, next] = [newMessage(), newMessage()];
  expect(take(slow, large)).toBe(true);
  now = 6000;
  expect(take(next, large)).toBe(true);
  expect(slow.destroy).toHaveBeenCalledTimes(1);
  expect(counters.counts).toEqual({ bodies: 1 });
});
