/** Each row of docs/attacks.md names the tests that hold it: those tests exist. */

import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const page = readFileSync(join(process.cwd(), 'docs/attacks.md'), 'utf8');

/** The last cell of each row, without the heads of the tables. */
const cells = [...page.matchAll(/^\|.*\|([^|]+)\|$/gm)].map(([, cell]) => cell!.trim());
const rows = cells.filter((cell) => cell !== 'test' && !/^-+$/.test(cell));

/** The files that a cell links to, each with the names of its tests. */
const tests = rows.flatMap((cell) =>
  [...cell.matchAll(/\]\(\.\.\/([^)]+\.ts)\)((?:,? "[^"]+")+)/g)].flatMap(([, file, names]) =>
    [...names!.matchAll(/"([^"]+)"/g)].map(([, name]) => [file!, name!]),
  ),
);

it('has a test in every row', () => {
  expect(rows.length).toBeGreaterThan(70);
  for (const row of rows) expect(row).toMatch(/^(the same|\[[^\]]+\]\(\.\.\/test\/[^)]+\.test\.ts\) ")/);
});

describe('docs/attacks.md', () => {
  it.each(tests)('%s has "%s"', (file, name) => {
    const source = readFileSync(join(process.cwd(), file), 'utf8');
    // A name stands in single quotes, and alone or as part of a row.
    const named = new RegExp(`['\`]${escaped(name)}['\`]`);
    expect(named.test(source.replaceAll("\\'", "'"))).toBe(true);
  });
});

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
