/** Words that the pages do without, because others are plainer: a program or a caller is no somebody. */

import { expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What stands for programs and callers in stories, and bounds with the words in the wrong order. */
const odd = /\b(whoever|somebody|strangers?|everybody)\b|\d ?m?(s|min) at most/gi;

const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'packages/client/README.md', ...within('docs')].filter(
  // Decisions are not rewritten, and attacks.md quotes the names of tests.
  (page) => page.endsWith('.md') && !/^docs\/(decisions|attacks)/.test(page),
);

function within(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file));
}

it.each(pages)('%s says "the caller", "the peer", "every program", "at most 5 s"', (page) => {
  expect(readFileSync(page, 'utf8').match(odd) ?? []).toEqual([]);
});
