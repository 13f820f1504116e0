import { expect, it } from '@jest/globals';
import { formatIn } from '../../../src/cli/output-flag.js';

it.each([
  ['-o json', 'json'],
  ['-ojson', 'json'],
  ['-o=yaml', 'yaml'],
  ['--output name', 'name'],
  ['--output=wide', 'wide'],
  ['-w -o json', 'json'],
  ['-wo json', 'json'],
  ['-wojson', 'json'],
  ['-w', undefined],
  ['-o pretty', undefined],
  ['--output-dir json', undefined],
  ['-- -o json', undefined],
])('finds the format in %s: %s', (words, format) => {
  expect(formatIn(words.split(' '))).toBe(format);
});
