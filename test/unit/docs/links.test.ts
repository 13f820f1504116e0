/** Each link in the documentation leads somewhere, and each page can be reached from the README. */

import { describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { anchorsOf, linksOf } from '../../helpers/markdown.js';

const project = process.cwd();
const read = (page: string): string => readFileSync(join(project, page), 'utf8');

const within = (folder: string): string[] =>
  readdirSync(join(project, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file));
const pages = [
  ...readdirSync(project).filter((name) => name.endsWith('.md')),
  ...['docs', 'examples', 'bench', 'packages/client', 'packaging'].flatMap((folder) =>
    within(folder).filter((file) => file.endsWith('.md') && !file.includes('node_modules')),
  ),
  // They are parts of docs/performance.md.
].filter((page) => !['bench/summary.md', 'bench/notes.md'].includes(page));

/** Where a link of this page leads, from the top of the project; undefined if it leads out of it. */
function targetOf(page: string, link: string): { file: string; anchor: string | undefined } | undefined {
  if (/^[a-z]+:/.test(link)) return undefined;
  const [path = '', anchor] = link.split('#');
  return { file: path === '' ? page : relative(project, join(project, dirname(page), decodeURI(path))), anchor };
}

function complaintsAbout(page: string): string[] {
  return linksOf(read(page)).flatMap((link) => {
    const target = targetOf(page, link);
    if (!target)
      return /^(https:\/\/[\w.-]+\.[a-z]+|http:\/\/(127\.0\.0\.1|localhost)[:/]|mailto:)/.test(link) ? [] : [link];
    if (!existsSync(join(project, target.file))) return [`${link}: there is no such file`];
    if (target.anchor === undefined || !target.file.endsWith('.md')) return [];
    return anchorsOf(read(target.file)).has(target.anchor) ? [] : [`${link}: there is no such heading`];
  });
}

it('finds links and headings', () => {
  expect(linksOf('[a](b.md#c) [`e`](f) ![g](h.png)\n```\n[i](j)\n```\n`[k](l)`')).toEqual(['b.md#c', 'f', 'h.png']);
  expect([...anchorsOf("# What it is, and isn't\n## `bender ls`\n## a\n## a")]).toEqual([
    'what-it-is-and-isnt',
    'bender-ls',
    'a',
    'a-1',
  ]);
});

describe('the links of', () => {
  it.each(pages)('%s lead somewhere', (page) => expect(complaintsAbout(page)).toEqual([]));
});

it('has no page that cannot be reached from the README', () => {
  const reached = new Set(['README.md']);
  for (const page of reached)
    for (const link of linksOf(read(page))) {
      const target = targetOf(page, link);
      if (!target || !existsSync(join(project, target.file))) continue;
      if (target.file.endsWith('.md')) reached.add(target.file);
      // A folder shows its README.
      else if (pages.includes(join(target.file, 'README.md'))) reached.add(join(target.file, 'README.md'));
    }
  expect(pages.filter((page) => !reached.has(page))).toEqual([]);
});

it('names no file of the project that does not exist', () => {
  const tests = new Set(within('test').map((file) => basename(file)));
  const exists = (file: string): boolean => (file.includes('/') ? existsSync(join(project, file)) : tests.has(file));
  const missing = pages.flatMap((page) =>
    [...read(page).matchAll(/`((?:src|test|scripts|bench|packaging|examples)\/[\w./@-]+|[\w-]+\.test\.ts)`/g)]
      .map(([, file]) => file!)
      .filter((file) => !file.includes('NAME') && !exists(file))
      .map((file) => `${page}: ${file}`),
  );
  expect(missing).toEqual([]);
});

it('has no picture that no page shows', () => {
  const shown = new Set(pages.flatMap((page) => linksOf(read(page)).map((link) => targetOf(page, link)?.file)));
  expect(within('docs/images').filter((file) => !shown.has(file))).toEqual([]);
});
