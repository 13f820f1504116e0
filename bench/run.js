/**
 * `npm run bench -- NAME`: compiles the benchmarks with what they measure into .bench/, which git ignores, and
 * runs one of them. Types are `npm run typecheck`'s business, not this one's.
 */

import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const names = readdirSync(new URL('.', import.meta.url))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -3));

const [name = '', ...args] = process.argv.slice(2);
if (!names.includes(name)) {
  process.stderr.write(`Which one? npm run bench -- ${names.join(' | ')}\n`);
  process.exit(2);
}

const node = (...command) => {
  const { status } = spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
};

mkdirSync(new URL('../.bench', import.meta.url), { recursive: true });
writeFileSync(new URL('../.bench/package.json', import.meta.url), '{ "private": true, "type": "module" }\n');
node('node_modules/typescript/bin/tsc', '-p', 'bench');
node('--expose-gc', `.bench/out/bench/${name}.js`, ...args);
