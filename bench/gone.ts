/** What is left of instances that came and were deregistered, by their TTL? */

import { idOf, register } from './helpers/instances.js';
import { size } from './helpers/options.js';
import { type ServerProcess, startCluster, status, stopAll } from './helpers/processes.js';
import { figure, progress } from './helpers/report.js';
import { inParallel, wait } from './helpers/requests.js';
import { Results } from './helpers/results.js';
import { rssMB } from './helpers/usage.js';

const results = new Results('gone', 'What is left of instances that came and were deregistered, by their TTL?');

/** Instances that are online at a time, and how often so many come and go. */
const batch = size(3000, 100);
const batches = size(10, 2);

/** ms without load before memory is read. */
const rest = size(15_000, 100);

const ttls = [
  ['2 s', 2000],
  ['10 min', 600_000],
  ['24 h', 86_400_000],
] as const;

/** MB of both daemons. */
const memory = ([holder, replica]: readonly ServerProcess[]) => [rssMB(holder!.pid), rssMB(replica!.pid)];

const found: Record<string, number[]> = {};
for (const [label, ttl] of ttls) {
  progress(`TTL ${label}`);
  const cluster = await startCluster(2);
  const [holder] = cluster as [ServerProcess];
  const samples: number[] = [];
  for (let turn = 0; turn < batches; turn++) {
    const from = turn * batch;
    await register(holder.requests, from + batch, { from, ttl });
    await inParallel(batch, 64, async (offset) => {
      await holder.requests.send('DELETE', `/registrations/${idOf(from + offset)}`);
    });
    if (turn === 0 || turn === batches - 1) {
      await wait(rest);
      samples.push(...memory(cluster));
    }
  }
  // What is released is online nowhere, whatever is kept of it.
  for (const daemon of cluster)
    if ((await status(daemon)).counts.registrations !== cluster.length) throw new Error('something is left');
  found[label] = samples;
  await stopAll(cluster);
}

results.table(
  'RSS, MB: holder / replica',
  ['TTL', `after ${batch.toLocaleString('en')} came and went`, `after ${(batches * batch).toLocaleString('en')}`],
  Object.entries(found).map(([label, [holder, replica, later, laterReplica]]) => [
    label,
    `${figure(holder!)} / ${figure(replica!)}`,
    `${figure(later!)} / ${figure(laterReplica!)}`,
  ]),
);
results.done(found);
