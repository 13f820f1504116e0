/** How much memory does a daemon take, empty and by what is online, as holder and as replica? */

import { register } from './helpers/instances.js';
import { size } from './helpers/options.js';
import { eventually, type ServerProcess, startCluster, status, stopAll } from './helpers/processes.js';
import { figure, progress } from './helpers/report.js';
import { wait } from './helpers/requests.js';
import { Results } from './helpers/results.js';
import { middle } from './helpers/rounds.js';
import { rssMB } from './helpers/usage.js';

const results = new Results('memory', 'How much memory does a daemon take?');

/**
 * ms without load after which memory is read: what a start or a load leaves for the collector is gone by then, or
 * stays.
 */
const rest = size(3000, 100);

interface Sample extends Record<string, number> {
  holder: number;
  replica: number;
  holderAtOnce: number;
  replicaAtOnce: number;
}

/** MB of a holder and a replica that grow: right after the registrations came, and after some rest. */
async function growing(): Promise<Sample[]> {
  const cluster = await startCluster(2);
  const [holder, replica] = cluster as [ServerProcess, ServerProcess];
  const samples: Sample[] = [];
  for (const [step, live] of sizes.entries()) {
    progress(`${live} registrations`);
    await register(holder.requests, live, { from: sizes[step - 1] ?? 0 });
    // Daemons are registered too.
    const all = live + cluster.length;
    await eventually(async () => (await status(replica)).counts.registrations === all);
    const [holderAtOnce, replicaAtOnce] = [rssMB(holder.pid), rssMB(replica.pid)];
    await wait(rest);
    samples.push({ holderAtOnce, replicaAtOnce, holder: rssMB(holder.pid), replica: rssMB(replica.pid) });
  }
  await stopAll(cluster);
  return samples;
}

const sizes = size([0, 10_000, 100_000], [0, 100, 200]);
const found: Sample[][] = [];
for (let round = 0; round < size(2, 1); round++) found.push(await growing());
const [empty, many, most] = sizes.map((_, step) => middle(found.map((samples) => samples[step]!))) as [
  Sample,
  Sample,
  Sample,
];

results.table(
  'RSS, MB',
  ['registrations', 'holder', 'replica', 'holder, right after they came', 'replica'],
  [empty, many, most].map((one, index) => [
    sizes[index]!.toLocaleString('en'),
    ...[one.holder, one.replica, one.holderAtOnce, one.replicaAtOnce].map(figure),
  ]),
);
results.atMost('RSS, empty', 80, empty.holder, 'MB');
for (const [label, limit, { holder, replica, holderAtOnce, replicaAtOnce }] of [
  ['10,000', 110, many],
  ['100,000', 250, most],
] as const) {
  results.atMost(`RSS of the holder of ${label}`, limit, Math.max(holder, holderAtOnce), 'MB');
  results.atMost(`RSS of a replica of ${label}`, limit, Math.max(replica, replicaAtOnce), 'MB');
}
results.done(found);
