import { describe, expect, it } from '@jest/globals';
import { countIn, guardOf, stableForIn } from '../../../src/ui/state/at-least.js';
import { versionsToSplit } from '../../../src/ui/state/split-versions.js';

describe('the deploy dialog', () => {
  it.each([
    ['3', 3],
    ['', 1],
    ['-', 1],
    ['0', 1],
    ['-2', 1],
    ['2.5', 2],
  ])('takes %j in the field for %i', (text, count) => {
    expect(countIn(text)).toBe(count);
  });

  it.each([
    [2, 1, 'good', ''],
    [2, 0, 'good', ''],
    [0, 1, 'warn', 'It is switched when there is 1.'],
    [2, 3, 'warn', 'It is switched when there are 3.'],
    [0, 0, 'bad', 'Callers are sent to nothing.'],
  ])('with %i online and at least %i is %s', (online, atLeast, tone, warning) => {
    expect(guardOf(online, atLeast)).toEqual({ tone, warning });
  });
});

it.each([
  ['', 4000],
  [' ', 4000],
  ['x', 4000],
  ['-1', 4000],
  ['0', 0],
  ['2.5', 2500],
])('the deploy dialog takes %j seconds for %i ms', (text, ms) => {
  expect(stableForIn(text, 4000)).toBe(ms);
});

describe('the split dialog', () => {
  const twenty = Array.from({ length: 20 }, (_, minor) => `1.${minor}.0`);

  it('keeps a version that has a weight, whatever is online besides', () => {
    const versions = versionsToSplit(twenty, { '1.0.0': 90, '1.19.0': 10 });
    expect(versions).toHaveLength(16);
    expect(versions[0]).toBe('1.19.0');
    expect(versions.at(-1)).toBe('1.0.0');
    expect(versions).not.toContain('1.4.0');
  });

  it('offers exact versions only, the latest first', () => {
    expect(versionsToSplit(['1.9.0', '^1.0.0', '1.10.0'], {})).toEqual(['1.10.0', '1.9.0']);
  });
});
