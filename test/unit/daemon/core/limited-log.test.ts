import { beforeEach, expect, it } from '@jest/globals';
import { LimitedLog } from '../../../../src/daemon/core/limited-log.js';

let now: number;
let lines: [level: string, message: string, fields: object][];
let log: LimitedLog;
beforeEach(() => {
  now = 0;
  lines = [];
  const write = (level: string) => (fields: object, message: string) =>
    void lines.push([level, message, fields]);
  const all = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  log = new LimitedLog(all, () => now);
});

it('writes the first warning at once, counts those that follow, and sums them up once a minute', () => {
  for (let count = 1; count <= 100; count++) log.warn({ peer: 'a', count }, 'refused');
  expect(lines).toEqual([['warn', 'refused', { peer: 'a', count: 1 }]]);
  now = 60_000;
  log.warn({ peer: 'a', count: 101 }, 'refused');
  log.warn({ peer: 'a', count: 102 }, 'refused');
  expect(lines.slice(1)).toEqual([['warn', 'refused', { peer: 'a', count: 101, times: 100 }]]);
  now = 119_999;
  log.warn({ peer: 'a', count: 103 }, 'refused');
  expect(lines).toHaveLength(2);
  now = 120_000;
  log.warn({ peer: 'a', count: 104 }, 'refused');
  expect(lines.slice(2)).toEqual([['warn', 'refused', { peer: 'a', count: 104, times: 3 }]]);
});

it('counts for each warning, and each peer or address, alone', () => {
  log.warn({ peer: 'a' }, 'refused');
  log.warn({ peer: 'b' }, 'refused');
  log.error({ peer: 'a' }, 'failed');
  log.warn({ address: '10.0.0.1', peer: 'a' }, 'refused');
  log.warn({ address: '10.0.0.1', peer: 'another name' }, 'refused');
  log.warn({ peer: 'a' }, 'refused');
  expect(lines.map(([level]) => level)).toEqual(['warn', 'warn', 'error', 'warn']);
});

it('sums up what has ended with the next warning of any kind, and begins anew after a quiet minute', () => {
  log.warn({ peer: 'a' }, 'refused');
  log.warn({ peer: 'a' }, 'refused');
  now = 70_000;
  log.warn({ peer: 'b' }, 'other');
  expect(lines.slice(1)).toEqual([
    ['warn', 'refused', { peer: 'a' }],
    ['warn', 'other', { peer: 'b' }],
  ]);
  now = 140_000;
  log.warn({ peer: 'a' }, 'refused');
  expect(lines.at(-1)).toEqual(['warn', 'refused', { peer: 'a' }]);
});

it('keeps no more for thousands who each warn once, and writes one line for those beyond', () => {
  for (let index = 0; index < 10_000; index++) log.warn({ peer: `peer ${index}` }, 'refused');
  expect(lines).toHaveLength(501);
});

it('lets everything through that is no warning', () => {
  for (let count = 0; count < 3; count++) {
    log.info({}, 'reached');
    log.debug({}, 'not reached');
  }
  expect(lines).toHaveLength(6);
});
