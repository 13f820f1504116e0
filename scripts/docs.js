/**
 * Writes the parts of pages that come from the program: `npm run docs`, after a build. With `--check` it writes nothing
 * and ends with 1 if a page is not up to date.
 *
 * Such a part lies between `<!-- generated: NAME -->` and `<!-- end of NAME -->`. What is around it is written by hand.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import prettier from 'prettier';
import { commandsIn } from './completions/commands.js';
import { commandIndex, commandReference, exitCodeTable, sharedFlags } from './docs/commands.js';
import { peersTable } from './docs/peers.js';
import { settingsTable } from './docs/settings.js';

const root = join(import.meta.dirname, '..');
const read = (path) => readFileSync(join(root, path), 'utf8');
const commands = commandsIn(JSON.parse(read('oclif.manifest.json')), JSON.parse(read('package.json')).oclif.topics);
const { exitCodes } = await import('../dist/cli/help.js');

/** What makes each part. */
const parts = {
  'the commands': () => commandIndex(commands),
  'the reference': () => commandReference(commands),
  'shared flags': () => sharedFlags(commands),
  'exit codes': () => exitCodeTable(exitCodes),
  settings: () => settingsTable(commands.find(({ words }) => words === 'serve')),
  peers: () => peersTable(read('docs/performance.md')),
};
const pages = ['README.md', 'docs/cli.md', 'docs/settings.md'];

const isCheck = process.argv.includes('--check');
let isStale = false;
for (const page of pages) {
  const path = join(root, page);
  const before = readFileSync(path, 'utf8');
  const filled = before.replace(
    /<!-- generated: ([\w ]+) -->[^]*?<!-- end of \1 -->/g,
    (_, name) => `<!-- generated: ${name} -->\n\n${parts[name]()}\n\n<!-- end of ${name} -->`,
  );
  const after = await prettier.format(filled, { ...(await prettier.resolveConfig(path)), parser: 'markdown' });
  if (after === before) continue;
  if (isCheck) {
    isStale = true;
    console.error(`${page} is not up to date: npm run docs`);
  } else writeFileSync(path, after);
}
if (isStale) process.exit(1);
