import { expect, it } from '@jest/globals';
import { parseDuration } from '../../../src/model/duration.js';
import { InvalidError } from '../../../src/model/errors.js';

it.each([
  [4000, 4000],
  ['4000', 4000],
  ['4s', 4000],
  [' 10m ', 600_000],
  ['1.5s', 1500],
  ['2 hours', 7_200_000],
  ['0', 0],
  [0.4, 0],
])('%j is %d ms', (input, duration) => {
  expect(parseDuration(input)).toBe(duration);
});

it.each(['', ' ', 'x', '4 parsecs', '-1s', -1, Number.NaN, Infinity, '9'.repeat(200)])('%j is none', (input) => {
  expect(() => parseDuration(input)).toThrow(InvalidError);
});
