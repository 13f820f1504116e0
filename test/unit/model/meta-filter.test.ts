import { expect, it } from '@jest/globals';
import { matchesMeta } from '../../../src/model/meta-filter.js';

const meta = {
  az: 'eu-1',
  n: 3,
  on: true,
  none: null,
  rack: { row: { of: 'b' } },
  'rack.row': 'x',
  list: [1, 2],
};

it.each<[string, string, boolean]>([
  ['az', 'eu-1', true],
  ['az', 'eu-2', false],
  ['zone', 'eu-1', false],
  ['n', '3', true],
  ['on', 'true', true],
  ['none', 'null', true],
  ['rack.row', 'x', true],
  ['rack.row.of', 'b', true],
  ['rack', '{"row":{"of":"b"}}', true],
  ['list', '[1,2]', true],
  ['list.0', '1', true],
  ['az.length', '4', false],
  ['toString', 'x', false],
  ['rack.__proto__', '{}', false],
  ['none.x', 'null', false],
])('%s=%s: %s', (name, text, expected) => {
  expect(matchesMeta(meta, [[name, text]])).toBe(expected);
});

it('wants every condition to hold', () => {
  expect(
    matchesMeta(meta, [
      ['az', 'eu-1'],
      ['n', '3'],
    ]),
  ).toBe(true);
  expect(
    matchesMeta(meta, [
      ['az', 'eu-1'],
      ['n', '4'],
    ]),
  ).toBe(false);
});
