/**
 * `npm run mutants`: breaks the core on purpose, one small mutation at a time, and reports which are noticed.
 *
 * Each mutation of mutations.js replaces one piece of source text in a copy of the project. The unit tests of the core
 * and of the documents run on it first; if they pass, the simulator runs. A mutation that both accept survives:
 * something that the code does is promised by no test. Survivors need a new test, or a reason beside the mutation.
 *
 *     npm run mutants                            all of them
 *     npm run mutants -- --only 'stop,isolation' those whose names contain one of these
 *     npm run mutants -- --from 20 --count 10    ten of them, from the 20th on
 *     npm run mutants -- --runs 500 --seed 7     more simulated runs for each
 *     npm run mutants -- --list                  their names, and where each stands
 *
 * A mutation whose text is gone, or stands in the sources twice, is an error: the code has changed, and the list has to
 * follow.
 */

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildSync, transformSync } from 'esbuild';
import { mutations } from './mutations.js';
import { mutated, sources } from './places.js';

const root = join(import.meta.dirname, '../..');
const copy = join(root, '.mutants');
const compiled = join(copy, '.sim');

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    from: { type: 'string', default: '1' },
    count: { type: 'string', default: 'Infinity' },
    runs: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    list: { type: 'boolean', default: false },
  },
});

/** ms after which a mutant that neither passes nor fails counts as noticed: it hangs. */
const timeoutMs = 30 * 60_000;

const say = (line) => process.stdout.write(`${line}\n`);

/** A copy of all that the tests and the simulator need, compiled for the simulator. */
function makeCopy() {
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(copy);
  for (const part of ['src', 'test', 'bench', 'docs', 'package.json', 'jest.config.js', 'tsconfig.json'])
    cpSync(join(root, part), join(copy, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  buildSync({
    absWorkingDir: copy,
    entryPoints: ['src/crdt/**/*.ts', 'src/daemon/**/*.ts', 'src/model/**/*.ts', 'test/sim/*.ts', 'test/helpers/*.ts'],
    outbase: '.',
    outdir: compiled,
    format: 'esm',
    target: 'es2022',
    logLevel: 'error',
  });
  writeFileSync(join(compiled, 'package.json'), '{ "type": "module" }\n');
}

/** Puts `source` in the place of a file, for the tests and for the simulator. */
function write(file, source) {
  writeFileSync(join(copy, file), source);
  const { code } = transformSync(source, { loader: 'ts', format: 'esm', target: 'es2022' });
  writeFileSync(join(compiled, file.replace(/\.ts$/, '.js')), code);
}

const passes = (...args) =>
  spawnSync(process.execPath, args, { cwd: copy, stdio: 'ignore', timeout: timeoutMs }).status === 0;

const unitTestsPass = (...patterns) =>
  passes(
    '--experimental-vm-modules',
    '--no-warnings',
    'node_modules/jest/bin/jest.js',
    '--selectProjects=unit',
    '--bail',
    '--passWithNoTests',
    ...patterns,
  );

const allUnitTestsPass = () => unitTestsPass('test/unit/daemon/core', 'test/unit/crdt');

const simulatorPasses = () => passes('.sim/test/sim/main.js', '--bail', '--runs', options.runs, '--seed', options.seed);

/** What noticed it; undefined if nothing did. The tests of the file itself are the likeliest, and run first. */
function noticedBy(mutation) {
  const { file, source } = mutated(mutation, files);
  write(file, source);
  try {
    if (!unitTestsPass(`/${basename(file, '.ts')}.test`) || !allUnitTestsPass()) return 'unit tests';
    return simulatorPasses() ? undefined : 'simulator';
  } finally {
    write(file, files.find((one) => one.file === file).text);
  }
}

const files = sources(root);
const words = options.only.split(',');
const first = Number(options.from) - 1;
const chosen = mutations
  .slice(first, first + Number(options.count))
  .filter(({ name }) => words.some((word) => name.includes(word)));
const misfits = chosen.flatMap((mutation) => {
  try {
    const { file } = mutated(mutation, files);
    if (options.list) say(`${mutations.indexOf(mutation) + 1}. ${mutation.name} (${file})`);
    return [];
  } catch (error) {
    return [error.message];
  }
});
if (misfits.length > 0) throw new Error(misfits.join('\n\n'));
if (options.list) process.exit(0);
makeCopy();
if (!allUnitTestsPass() || !simulatorPasses())
  throw new Error('the code fails its own tests as it is: mutations would say nothing');

const survivors = [];
for (const mutation of chosen) {
  const noticed = noticedBy(mutation);
  if (!noticed) survivors.push(mutation);
  const fate = noticed ? `killed by the ${noticed}` : `SURVIVED${mutation.accepted ? `: ${mutation.accepted}` : ''}`;
  say(`${mutation.name}: ${fate}`);
}
rmSync(copy, { recursive: true, force: true });
say(`${chosen.length - survivors.length} killed, ${survivors.length} survived`);
process.exitCode = survivors.some(({ accepted }) => !accepted) ? 1 : 0;
