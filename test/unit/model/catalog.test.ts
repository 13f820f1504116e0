import { retarget } from '../../../src/model/catalog.js';
import { check } from '../../../src/model/validate.js';

const one = { app: 'web', version: '1.0.0' };
const split = { app: 'web', split: { '1.0.0': 90, '1.1.0': 10 } };

it.each([
  ['a version', one, { version: '2.0.0' }, { app: 'web', version: '2.0.0' }],
  ['an app', one, { app: 'api' }, { app: 'api', version: '1.0.0' }],
  ['a split for a version', one, { split: split.split }, split],
  ['a version for a split', split, { version: '1.1.0' }, { app: 'web', version: '1.1.0' }],
  ['the app of a split', split, { app: 'api' }, { ...split, app: 'api' }],
  ['nothing', split, {}, split],
])('changes %s', (_, before, change, after) => {
  expect(retarget(before, change)).toStrictEqual(after);
});

it('writes equal splits the same', () => {
  const text = (split: Record<string, number>) => JSON.stringify(retarget(one, { split }));
  expect(text({ b: 1, a: 2 })).toBe(text({ a: 2, b: 1 }));
});

it.each([
  ['neither', { name: 'web', app: 'web' }, "give either 'version' or 'split'"],
  ['both', { name: 'web', ...one, ...split }, "give either 'version' or 'split'"],
  ['no versions', { split: {} }, "'split' must have up to 16 versions, and a weight above 0, not {}"],
  ['no weight', { split: { a: 0 } }, '\'split\' must have up to 16 versions, and a weight above 0, not {"a":0}'],
  ['half a weight', { split: { a: 0.5 } }, "'split.a' must be a whole number, not 0.5"],
  ['too much', { split: { a: 1001 } }, "'split.a' must be from 0 to 1000, not 1001"],
  ['a weight as text', { split: { a: '1' } }, '\'split.a\' must be a number, not "1"'],
  ['no object', { split: 'a=1' }, '\'split\' must be an object of versions and their weights, not "a=1"'],
  ['no version', { split: { 'a/b': 1 } }, "'split.a/b' must not contain slashes, white space"],
])('refuses a backend of %s', (_, body, message) => {
  expect(() => check('backend', { name: 'web', app: 'web', ...body })).toThrow(message);
});

it('refuses a change to both', () => {
  expect(() => check('backendChange', { version: '1', split: { a: 1 } })).toThrow('not both');
});
