import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { FanOut } from '../../../../src/daemon/http/fan-out.js';

let fanOut: FanOut;
let flushed: number;
/** ms that writing took so far: timers do not move meanwhile. */
let writing: number;
beforeEach(() => {
  jest.useFakeTimers();
  fanOut = new FanOut(() => performance.now() + writing);
  flushed = 0;
  writing = 0;
});
afterEach(() => {
  jest.useRealTimers();
});

/** Has something written that takes so long. */
const add = (tookMs: number): void =>
  fanOut.add({
    flush: () => {
      flushed++;
      writing += tookMs;
    },
  });

const turn = (): void => {
  jest.runAllTicks();
  jest.advanceTimersByTime(0);
};

it('writes before the turn is over what few are told', () => {
  add(0);
  expect(flushed).toBe(0);
  jest.runAllTicks();
  add(0);
  jest.runAllTicks();
  expect(flushed).toBe(2);
});

it.each([
  { name: 'rests for as long as writing took', tookMs: 6, restMs: 6 },
  { name: 'rests no longer than 10 ms, however long it was', tookMs: 3_600_000, restMs: 10 },
])('$name, and writes at once what came meanwhile', ({ tookMs, restMs }) => {
  add(tookMs);
  turn();
  add(0);
  add(0);
  turn();
  jest.advanceTimersByTime(restMs - 1);
  expect(flushed).toBe(1);
  jest.advanceTimersByTime(1);
  expect(flushed).toBe(3);
});

it('does not rest after the rest', () => {
  add(6);
  turn();
  jest.advanceTimersByTime(6);
  add(0);
  jest.runAllTicks();
  expect(flushed).toBe(2);
});

it('leaves what follows on a short writing for the end of the turn', () => {
  add(0.5);
  turn();
  add(0);
  jest.runAllTicks();
  expect(flushed).toBe(1);
  turn();
  expect(flushed).toBe(2);
});
