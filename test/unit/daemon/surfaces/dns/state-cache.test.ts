import { expect, it } from '@jest/globals';
import { StateCache } from '../../../../../src/daemon/surfaces/dns/state-cache.js';

/** A cache, and what was made for it. */
function counting(most: number) {
  const cache = new StateCache<{ cost: number }>(most);
  const made: string[] = [];
  const find = (key: string, stamp = '1', cost = 1) =>
    cache.find(key, stamp, () => {
      made.push(`${key}@${stamp}`);
      return { cost };
    });
  return { find, made };
}

it('makes something once for each state', () => {
  const { find, made } = counting(10);
  expect(find('a')).toBe(find('a'));
  find('a', '2');
  find('a', '2');
  expect(made).toEqual(['a@1', 'a@2']);
});

it('forgets what was made first when all of it costs too much', () => {
  const { find, made } = counting(3);
  for (const key of ['a', 'b', 'c', 'd']) find(key);
  for (const key of ['d', 'c', 'b', 'a']) find(key);
  expect(made).toEqual(['a@1', 'b@1', 'c@1', 'd@1', 'a@1']);
});

it('counts what it replaces no longer', () => {
  const { find, made } = counting(3);
  find('a', '1', 2);
  find('b');
  find('a', '2', 2);
  find('b');
  expect(made).toEqual(['a@1', 'b@1', 'a@2']);
});

it('keeps nothing that costs nothing, and so forgets nothing for it', () => {
  const { find, made } = counting(1);
  find('a');
  find('none', '1', 0);
  find('none', '1', 0);
  find('a');
  expect(made).toEqual(['a@1', 'none@1', 'none@1']);
});
