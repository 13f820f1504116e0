import { describe, expect, it } from '@jest/globals';
import { isRange, matchesVersion } from '../../../src/model/version.js';

describe('matchesVersion', () => {
  it.each([
    ['1.2.0', '1.2.0', true],
    ['1.2.0', '1.2.1', false],
    ['1.2.0', '1.2.0+build', false],
    ['1.x', '1.9.3', true],
    ['1', '1.9.3', true],
    ['^1.2.0', '1.1.9', false],
    ['1.x || 3', '3.0.1', true],
    ['=1.2.0', '1.2.0', true],
    ['*', '2.0.0', true],
    ['^1.2.0', '1.3.0-rc.1', false],
    ['^1.3.0-rc.0', '1.3.0-rc.1', true],
    ['1.3.0-rc.1', '1.3.0-rc.1', true],
    ['blue', 'blue', true],
    ['blue', 'green', false],
    ['*', 'blue', false],
    ['1.x', '1.x', true],
  ])('%s, %s: %s', (range, version, matches) => {
    expect(matchesVersion(range, version)).toBe(matches);
  });
});

it('tells ranges from versions', () => {
  expect(['1.x', '^1.2.0', '=1.2.0', '*', '1.2.0', '1.3.0-rc.1', 'blue'].filter(isRange)).toEqual([
    '1.x',
    '^1.2.0',
    '=1.2.0',
    '*',
  ]);
});
