import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { fit } from '../../../src/cli/columns.js';
import { tableWithin } from '../../../src/cli/table.js';

const columns = [
  { title: 'APP', cells: ['web'], isSpare: true },
  { title: 'STATE', cells: ['online'] },
  { title: 'META', cells: ['zone=a '.repeat(20).trim()], isLong: true },
  { title: 'NOTE', cells: ['-'] },
  { title: 'ID', cells: ['web/1.0.0/10.0.0.5/8080'] },
];
const titles = (width: number) => fit(columns, width).map(({ column, width: w }) => `${column.title}:${w}`);

describe('columns', () => {
  it('leave out what is empty everywhere', () => {
    expect(titles(200)).toEqual(['APP:3', 'STATE:6', 'META:139', 'ID:23']);
  });

  it('leave out what others say as well, and cut what is long, before anything else', () => {
    expect(titles(80)).toEqual(['APP:3', 'STATE:6', 'META:42', 'ID:23']);
    expect(titles(60)).toEqual(['STATE:6', 'META:27', 'ID:23']);
    expect(titles(45)).toEqual(['STATE:6', 'META:12', 'ID:23']);
  });

  it('cut the widest in the end', () => {
    expect(titles(30)).toEqual(['STATE:6', 'META:10', 'ID:10']);
  });
});

it('is never wider than the terminal, whatever the contents are, from 40 characters on', () => {
  const cell = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.constantFrom('東京'.repeat(30), '-', ''));
  const text = cell.map((one) => one.replace(/[\p{C}\s]/gu, '_'));
  const column = fc.record({ a: text, b: text, isSpare: fc.boolean(), isLong: fc.boolean() });
  fc.assert(
    fc.property(fc.array(column, { minLength: 1, maxLength: 5 }), fc.integer({ min: 40, max: 120 }), (made, width) => {
      const shown = made.map(({ a, b, ...rest }, index) => ({
        title: `T${index}`,
        cells: [a, b],
        ...rest,
      }));
      for (const line of tableWithin(shown, width).split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(width);
    }),
  );
});

it('shows everything where there is no terminal', () => {
  expect(tableWithin(columns, undefined)).toContain('zone=a '.repeat(20).trim());
  expect(tableWithin(columns, undefined)).toMatch(/^APP +STATE +META +NOTE +ID\n/);
});
