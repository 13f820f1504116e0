import { expect, it } from '@jest/globals';
import { median, percentile } from '../../../bench/helpers/statistics.js';

it.each([
  [[3], 50, 3],
  [[1, 2, 3, 4, 5], 50, 3],
  [[4, 1, 3, 2], 50, 2.5],
  [[10, 9, 100], 100, 100],
  [[10, 9, 100], 0, 9],
  [[0, 100], 99, 99],
])('of %j, %d %% are below %d', (values, percent, below) => {
  expect(percentile(values, percent)).toBeCloseTo(below);
});

it('leaves the values in their order', () => {
  const values = [3, 1, 2];
  expect(median(values)).toBe(2);
  expect(values).toEqual([3, 1, 2]);
});

it('knows nothing of nothing', () => {
  expect(median([])).toBeNaN();
});
