import { afterEach, expect, it, jest } from '@jest/globals';
import { nodeRuntime } from '../../../src/daemon/node-runtime.js';

afterEach(() => {
  jest.useRealTimers();
});

it('waits longer than a timer of Node can', () => {
  jest.useFakeTimers();
  const run = jest.fn();
  const days = 24 * 60 * 60 * 1000;
  nodeRuntime.after(60 * days, run);
  const cancelled = nodeRuntime.after(60 * days, run);
  jest.advanceTimersByTime(30 * days);
  cancelled.cancel();
  jest.advanceTimersByTime(30 * days - 1);
  expect(run).not.toHaveBeenCalled();
  jest.advanceTimersByTime(1);
  expect(run).toHaveBeenCalledTimes(1);
});

it('defers behind the timers that are due', async () => {
  const order: string[] = [];
  await new Promise<void>((resolve) => {
    nodeRuntime.after(0, () => {
      nodeRuntime.defer(() => {
        order.push('deferred');
        resolve();
      });
      order.push('timer');
    });
  });
  expect(order).toEqual(['timer', 'deferred']);
});

it('makes ids that fit into event ids and URLs', () => {
  const ids = new Set(Array.from({ length: 1000 }, () => nodeRuntime.randomId()));
  expect(ids.size).toBe(1000);
  for (const id of ids) expect(id).toMatch(/^[\w-]{22}$/);
});
