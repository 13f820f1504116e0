import { expect, it, jest } from '@jest/globals';
import { goDuration } from '../../../../../src/daemon/surfaces/consul/durations.js';
import { Indexes } from '../../../../../src/daemon/surfaces/consul/indexes.js';

it('raises the index of a question with its answer alone, and never gives one twice', () => {
  const indexes = new Indexes('a');
  const first = indexes.of('web', '1');
  expect(first).toBeGreaterThan(0);
  expect(indexes.of('shop', '1')).not.toBe(first);
  expect(indexes.of('web', '1')).toBe(first);
  const changed = indexes.of('web', '2');
  expect(changed).toBeGreaterThan(first);
  expect(indexes.of('web', '1')).toBeGreaterThan(changed);
});

it('forgets what changed longest ago, and its index still rises', () => {
  const indexes = new Indexes('a', 2);
  const first = indexes.of('web', '1');
  for (const other of ['a', 'b']) indexes.of(other, '1');
  expect(indexes.of('web', '1')).toBeGreaterThan(first);
});

it('keeps no long question', () => {
  const set = jest.spyOn(Map.prototype, 'set');
  const indexes = new Indexes('a');
  const long = 'x'.repeat(15_000);
  const index = indexes.of(long, '1');
  const keys = set.mock.calls.map(([key]) => String(key).length);
  set.mockRestore();
  expect(Math.max(...keys)).toBeLessThan(100);
  expect(indexes.of(long, '1')).toBe(index);
  expect(indexes.of(`${long}x`, '1')).not.toBe(index);
});

it('counts from elsewhere in each run, in numbers that are exact', () => {
  const starts = ['a', 'b', 'c'].map((runId) => new Indexes(runId).of('web', '1'));
  expect(new Set(starts).size).toBe(3);
  for (const start of starts) expect(start).toBeLessThan(Number.MAX_SAFE_INTEGER / 2);
});

it.each([
  ['10s', 10_000],
  ['120000ms', 120_000],
  ['1m30s', 90_000],
  ['1.5h', 5_400_000],
  ['0s', 0],
  ['10', undefined],
  ['', undefined],
  ['-1s', undefined],
  ['1d', undefined],
  ['1s '.repeat(20), undefined],
])('reads %s as Go does', (text, expected) => {
  expect(goDuration(text)).toBe(expected);
});
