/** Words that pages and sources do without, because others are plainer: a program or a caller is no somebody. */

import { expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What stands for programs and callers in stories, what is plainer as "no longer", and bounds in the wrong order. */
const odd = /\b(whoever|somebody|strangers?|everybody|any more)\b|\d ?m?(s|min) at most/gi;

const top = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'];
const folders = ['docs', 'src', 'scripts', 'packaging', 'examples', 'packages/client'];
const files = [...top, ...folders.flatMap(within)].filter(
  (file) => /\.(md|ts|js|mjs|sh|css|html|liquid|service|yml)$/.test(file) && !/node_modules|\/dist\//.test(file),
);

function within(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file));
}

it('looks at pages and sources', () => expect(files.length).toBeGreaterThan(500));

it('finds "the caller", "the peer", "every program", "no longer", "at most 5 s" in each of them', () => {
  const found = files.flatMap((file) =>
    (readFileSync(file, 'utf8').match(odd) ?? []).map((word) => `${file} says "${word}"`),
  );
  expect(found).toEqual([]);
});
