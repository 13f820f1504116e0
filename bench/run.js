/**
 * `npm run bench -- NAME`: compiles the benchmarks with what they measure into .bench/, which git ignores, and
 * runs one of them, or all that answer for docs/performance.md. Types are `npm run typecheck`'s business, not this
 * one's.
 */

import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const names = readdirSync(new URL('.', import.meta.url))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -3));

/** What `all` runs; the others fetch something, take long, or measure nothing. */
const apart = ['automerge', 'gone', 'holdings', 'peers', 'report', 'soak', 'sync'];

const [name = '', ...args] = process.argv.slice(2);
if (name !== 'all' && !names.includes(name)) {
  process.stderr.write(`Which one? npm run bench -- ${[...names, 'all [--short]'].join(' | ')}\n`);
  process.exit(2);
}

const node = (...command) => spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' }).status ?? 1;
const must = (status) => status === 0 || process.exit(status);

mkdirSync(new URL('../.bench', import.meta.url), { recursive: true });
writeFileSync(new URL('../.bench/package.json', import.meta.url), '{ "private": true, "type": "module" }\n');
must(node('scripts/build-if-stale.js'));
must(node('node_modules/typescript/bin/tsc', '-p', 'bench'));

const failed = (name === 'all' ? names.filter((each) => !apart.includes(each)) : [name]).filter(
  (each) => node('--expose-gc', `.bench/out/bench/${each}.js`, ...args) !== 0,
);
if (failed.length > 0) {
  process.stderr.write(`Failed: ${failed.join(', ')}\n`);
  process.exit(1);
}
