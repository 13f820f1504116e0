/**
 * Which Automerge? Bender's own Document on bender's own shapes, once with each version.
 *
 * Every version is installed into a folder of its own below .bench/ (remove it to fetch the newest 3.x anew),
 * beside a copy of the same compiled code, and runs in a process of its own. The versions take turns, so that
 * a busy machine slows all of them alike: believe the ratios before the figures.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { cpSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ask } from './helpers/ask.js';
import type { Task } from './helpers/automerge-worker.js';
import { fromNpm } from './helpers/fetch.js';
import { duration, figure, progress, say, table } from './helpers/report.js';
import { save } from './helpers/results.js';
import { median } from './helpers/statistics.js';

const bench = new URL('../../', import.meta.url);
const read = (url: URL): Record<string, Record<string, string>> & { version: string } =>
  JSON.parse(readFileSync(url, 'utf8')) as never;
const pinned = read(new URL('../package.json', bench))['dependencies']!['@automerge/automerge']!;

const rounds = 5;
const sizes = [1000, 10_000, 100_000];
const historyLength = 100_000;

/** A folder with this Automerge and our code. */
function install(wanted: string): { version: string; worker: string } {
  const folder = fromNpm(`automerge-${wanted}`, {
    type: 'module',
    dependencies: { '@automerge/automerge': wanted },
  });
  const manifest = new URL('node_modules/@automerge/automerge/package.json', folder);
  const out = new URL('out/', folder);
  rmSync(out, { recursive: true, force: true });
  cpSync(new URL('out/', bench), out, { recursive: true });
  return {
    version: read(manifest).version,
    worker: fileURLToPath(new URL('bench/helpers/automerge-worker.js', out)),
  };
}

const start = (worker: string): ChildProcess => fork(worker, { execArgv: ['--expose-gc'] });

interface Question {
  label: string;
  task: Task;
}

const perSize = (what: string, task: (keys: number) => Task): Question[] =>
  sizes.map((keys) => ({ label: `${what}, ${keys.toLocaleString('en')} keys`, task: task(keys) }));

const questions: Question[] = [
  ...perSize('put and commit 1', (keys) => ({ do: 'put', keys, ops: 1 })),
  ...perSize('put and commit 100', (keys) => ({ do: 'put', keys, ops: 100 })),
  ...perSize('merge and diff 1', (keys) => ({ do: 'merge', keys, ops: 1 })),
  ...perSize('merge and diff 100', (keys) => ({ do: 'merge', keys, ops: 100 })),
  { label: 'first sync, 10,000 changes', task: { do: 'first', changes: 10_000 } },
];

const versions = [pinned, '3.2.6', '3'].map(install);
const workers = versions.map(({ worker }) => start(worker));

for (const keys of sizes)
  for (const [index, worker] of workers.entries()) {
    const [time] = await ask<number[]>(worker, { do: 'build', keys } satisfies Task);
    progress(`${versions[index]!.version} has ${keys} keys after ${figure(time! / 1e6)} s`);
  }

const times = questions.map(() => versions.map((): number[] => []));
for (let round = 1; round <= rounds; round++) {
  progress(`round ${round} of ${rounds}`);
  for (const [question, { task }] of questions.entries())
    for (const [index, worker] of workers.entries())
      times[question]![index]!.push(median(await ask<number[]>(worker, task)));
}
for (const worker of workers) worker.kill();

const rows = questions.map(({ label }, question) => ({
  label,
  unit: 'µs',
  values: times[question]!.map(median),
}));

progress(`${historyLength} changes of history`);
const left: number[] = [];
const pace: number[] = [];
for (const { worker } of versions) {
  const alone = start(worker);
  const [rss, time] = await ask<number[]>(alone, { do: 'history', changes: historyLength } satisfies Task);
  left.push(rss! / 1e6);
  pace.push(time! / historyLength);
  alone.kill();
}
rows.push(
  { label: `RSS left by ${historyLength.toLocaleString('en')} changes`, unit: 'MB', values: left },
  { label: 'each of them, put and committed', unit: 'µs', values: pace },
);

say(
  table(
    [
      '',
      ...versions.map(({ version }) => version),
      ...versions.slice(1).map(({ version }) => `${version} / ${pinned}`),
    ],
    rows.map(({ label, unit, values }) => [
      label,
      ...values.map((value) => (unit === 'µs' ? duration(value) : `${figure(value)} ${unit}`)),
      ...values.slice(1).map((value) => `× ${figure(value / values[0]!)}`),
    ]),
  ),
);
save('automerge', { versions: versions.map(({ version }) => version), rounds, rows });
