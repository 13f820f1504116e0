import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { PacedQueue } from '../../../../../src/daemon/surfaces/consul/paced-queue.js';

beforeEach(() => void jest.useFakeTimers({ doNotFake: ['performance', 'queueMicrotask', 'nextTick'] }));
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

/** Runs `count` jobs, each of which takes 3 ms. Returns how many each turn had, and the ms that all of it took. */
async function turnsOf(
  count: number,
  finish: () => Promise<void> | void,
): Promise<{ turns: number[]; tookMs: number }> {
  let [worked, waited, done] = [0, 0, 0];
  jest.spyOn(performance, 'now').mockImplementation(() => worked);
  const queue = new PacedQueue();
  for (let index = 0; index < count; index++)
    queue.add(() => {
      done++;
      worked += 3;
      return finish();
    });
  const turns: number[] = [];
  while (done < count) {
    const before = done;
    if (waited++ > 10 * count) break;
    await jest.advanceTimersByTimeAsync(1);
    if (done > before) turns.push(done - before);
  }
  return { turns, tookMs: worked + waited };
}

it('runs some ms of jobs in a turn, and rests as long', async () => {
  const { turns, tookMs } = await turnsOf(300, () => undefined);
  expect(Math.max(...turns)).toBe(3);
  expect(turns).toHaveLength(100);
  expect(tookMs).toBeGreaterThan(1700);
});

it('begins none while one takes its time', async () => {
  const { turns } = await turnsOf(20, () => Promise.resolve());
  expect(turns).toEqual(Array(20).fill(1));
});

it('goes on with jobs that come later', async () => {
  const queue = new PacedQueue();
  const done: number[] = [];
  for (const job of [1, 2]) {
    queue.add(() => void done.push(job));
    await jest.advanceTimersByTimeAsync(5);
  }
  expect(done).toEqual([1, 2]);
});
