import { beforeEach, expect, it } from '@jest/globals';
import { LimitedLog } from '../../../src/daemon/limited-log.js';
import { sinkOf } from '../../helpers/log.js';
import { World } from '../../helpers/world.js';

let world: World;
let lines: [at: number, level: string, message: string, fields: object][];
let log: LimitedLog;
beforeEach(() => {
  world = new World(1);
  lines = [];
  const sink = sinkOf(({ level, message, fields }) => lines.push([world.time, level, message, fields]));
  log = new LimitedLog(sink, { now: () => world.time, after: (ms, run) => world.after(ms, run) });
});

it('writes the first warning at once, and those that follow after 10 s, 1 min, 10 min and every 10 min, with their number', async () => {
  for (let count = 1; world.time < 2_000_000; count++) {
    log.warn({ peer: 'a', count }, 'refused');
    await world.advance(500);
  }
  expect(lines.map(([at]) => at)).toEqual([0, 10_000, 60_000, 600_000, 1_200_000, 1_800_000]);
  expect(lines.slice(0, 2)).toEqual([
    [0, 'warn', 'refused', { peer: 'a', count: 1 }],
    [10_000, 'warn', 'refused', { peer: 'a', count: 20, times: 19 }],
  ]);
});

it('waits for at least 1 ms when a timer came a rounding error too early', () => {
  const delays: number[] = [];
  let run = (): void => undefined;
  let now = 0;
  const after = (ms: number, then: () => void) => {
    delays.push(ms);
    run = then;
    return { cancel: () => undefined };
  };
  const early = new LimitedLog(
    sinkOf(() => undefined),
    { now: () => now, after },
  );
  early.warn({ peer: 'a' }, 'refused');
  early.warn({ peer: 'a' }, 'refused');
  now = 10_000 - 1e-11;
  run();
  expect(delays).toEqual([10_000, 1]);
});

it('writes the last ones without waiting for another warning', async () => {
  for (let count = 1; count <= 100; count++) log.warn({ peer: 'a', count }, 'refused');
  await world.advance(5000);
  log.warn({ peer: 'b' }, 'refused');
  log.warn({ peer: 'b' }, 'refused');
  await world.advance(100_000);
  expect(lines).toEqual([
    [0, 'warn', 'refused', { peer: 'a', count: 1 }],
    [5000, 'warn', 'refused', { peer: 'b' }],
    [10_000, 'warn', 'refused', { peer: 'a', count: 100, times: 99 }],
    [15_000, 'warn', 'refused', { peer: 'b' }],
  ]);
});

it('wakes up for the warning that is due first', async () => {
  for (let count = 0; world.time < 100_000; count++) {
    log.warn({ peer: 'a' }, 'refused');
    await world.advance(1000);
  }
  lines.length = 0;
  log.warn({ peer: 'b' }, 'refused');
  log.warn({ peer: 'b' }, 'refused');
  await world.advance(20_000);
  expect(lines.map(([at, , , fields]) => [at, fields])).toEqual([
    [100_000, { peer: 'b' }],
    [110_000, { peer: 'b' }],
  ]);
});

it('writes what is left at the end', async () => {
  for (let count = 0; count < 3; count++) log.warn({ peer: 'a' }, 'refused');
  log.flush();
  log.flush();
  await world.advance(100_000);
  expect(lines.map(([, , , fields]) => fields)).toEqual([{ peer: 'a' }, { peer: 'a', times: 2 }]);
});

it('counts each warning about each peer or address by itself', () => {
  log.warn({ peer: 'a' }, 'refused');
  log.warn({ peer: 'b' }, 'refused');
  log.error({ peer: 'a' }, 'failed');
  log.warn({ address: '10.0.0.1', peer: 'a' }, 'refused');
  log.warn({ address: '10.0.0.1', peer: 'another name' }, 'refused');
  log.warn({ peer: 'a' }, 'refused');
  expect(lines.map(([, level]) => level)).toEqual(['warn', 'warn', 'error', 'warn']);
});

it('writes another reason at once, but not two that take turns for ever', () => {
  for (let count = 0; count < 100; count++) {
    log.warn({ peer: 'a', reason: 'connection refused' }, 'not reached');
    log.warn({ peer: 'a', reason: 'timed out' }, 'not reached');
  }
  for (let count = 0; count < 100; count++) log.warn({ peer: 'b', reason: count }, 'not reached');
  expect(lines).toHaveLength(2 + 5);
});

it('takes a warning for news when it is resolved, or was not repeated for ten minutes', async () => {
  log.resolve('not reached', { peer: 'a' }, 'reached');
  log.warn({ peer: 'a' }, 'not reached');
  log.resolve('not reached', { peer: 'b' }, 'reached');
  log.resolve('not reached', { peer: 'a' }, 'reached');
  log.warn({ peer: 'a' }, 'not reached');
  log.warn({ peer: 'a' }, 'not reached');
  await world.advance(620_000);
  log.warn({ peer: 'a' }, 'not reached');
  expect(lines.map(([at, level]) => [at, level])).toEqual([
    [0, 'warn'],
    [0, 'info'],
    [0, 'warn'],
    [10_000, 'warn'],
    [620_000, 'warn'],
  ]);
  expect(lines.at(-1)![3]).toEqual({ peer: 'a' });
});

it('keeps no line for each of thousands that warn once, and writes one line for those beyond', async () => {
  for (let index = 0; index < 10_000; index++) log.warn({ peer: `peer ${index}` }, 'refused');
  expect(lines).toHaveLength(501);
  await world.advance(1_300_000);
  lines.length = 0;
  for (let index = 0; index < 100; index++) log.warn({ peer: `later ${index}` }, 'refused');
  expect(lines).toHaveLength(100);
});

it('lets everything through that is no warning', () => {
  for (let count = 0; count < 3; count++) {
    log.info({}, 'reached');
    log.debug({}, 'not reached');
  }
  expect(lines).toHaveLength(6);
});

it('keeps and compares only the beginning of what others have chosen', () => {
  const long = 'x'.repeat(1_000_000);
  log.warn({ peer: `${long}1`, reason: `${long}2`, url: long }, 'refused');
  log.warn({ peer: `${long}3`, reason: `${long}4` }, 'refused');
  log.flush();
  log.resolve('refused', { peer: `${long}5` }, 'accepted again');
  expect(lines.map(([, , message]) => message)).toEqual(['refused', 'refused', 'accepted again']);
  for (const [, , , fields] of lines.slice(0, 2))
    for (const text of Object.values(fields)) expect(String(text).length).toBeLessThanOrEqual(200);
});
