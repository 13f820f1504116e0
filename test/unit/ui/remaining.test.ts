import { describe, expect, it } from '@jest/globals';
import type { LeaseInfo } from '../../../src/model/lease.js';
import { duration, nextOf, remainingOf } from '../../../src/ui/state/remaining.js';

const lease = (more: Partial<LeaseInfo>) => ({ id: 'a/1/h/1', ttl: 4000, holder: 'one', ...more }) as LeaseInfo;

describe('the rest of a lease', () => {
  it.each([
    [4000, 24, false],
    [2001, 13, false],
    [2000, 12, false],
    [1999, 12, true],
    [1, 1, true],
    [0, 0, true],
    // The TTL has just been made shorter.
    [5000, 24, false],
  ])('%s ms of 4 s', (remaining, parts, isLate) => {
    const found = remainingOf(lease({ remaining }))!;
    expect([found.parts, found.late !== undefined]).toEqual([parts, isLate]);
  });

  it('is late whatever is left if the holder is lost, and unknown if it has not said', () => {
    expect(remainingOf(lease({ remaining: 4400, lost: true }))?.late).toBe('one, which holds it, is lost');
    expect(remainingOf(lease({}))).toBeUndefined();
    expect(remainingOf(lease({ lost: true }))).toBeUndefined();
  });
});

it.each([
  [0, '0 s'],
  [2749, '2.7 s'],
  [45_400, '45 s'],
  [720_000, '12 min'],
])('%s ms are %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

it('asks for all in turn, as many as go into one URL', () => {
  const ids = ['a', 'b', 'c', 'd'];
  expect(nextOf(ids, 0, 3, 1000)).toEqual(['a', 'b', 'c']);
  expect(nextOf(ids, 3, 3, 1000)).toEqual(['d', 'a', 'b']);
  expect(nextOf(ids, 0, 3, 30)).toEqual(['a', 'b']);
});
