import { expect, it, jest } from '@jest/globals';
import { LimitedLog } from '../../../src/daemon/limited-log.js';
import { reviewOpenFiles, watchOpenFiles } from '../../../src/daemon/open-files.js';
import { sinkOf } from '../../helpers/log.js';

it('warns near the limit, ever more rarely, and says when it is over', () => {
  let now = 0;
  const lines: string[] = [];
  const sink = sinkOf(({ level, fields }) => lines.push(`${now / 1000} ${level} ${JSON.stringify(fields)}`));
  const log = new LimitedLog(sink, { now: () => now, after: () => ({ cancel: () => undefined }) });
  for (const open of [40, 44, 45, 48, 48, 48, 30, 20, 47]) {
    reviewOpenFiles({ open, limit: 48 }, log);
    now += 5000;
  }
  expect(lines).toEqual([
    '5 warn {"open":44,"limit":48}',
    '15 warn {"open":48,"limit":48,"times":2}',
    '30 info {"open":30,"limit":48}',
    '40 warn {"open":47,"limit":48}',
  ]);
});

it('logs a bug in counting, and counts again', async () => {
  jest.useFakeTimers();
  const lines: string[] = [];
  const log = new LimitedLog(
    sinkOf(({ fields }) => lines.push(JSON.stringify(fields))),
    { now: () => 0, after: () => ({ cancel: () => undefined }) },
  );
  let counts = 0;
  const stop = watchOpenFiles(log, () => Promise.reject(new TypeError(`broken ${++counts}`)));
  await jest.advanceTimersByTimeAsync(11_000);
  stop();
  jest.useRealTimers();
  expect(counts).toBe(2);
  expect(lines[0]).toContain('"reason":"TypeError: broken 1"');
});
