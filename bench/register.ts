/**
 * What does registering cost, by path and by JSON body, with two peers that hear of everything? Every
 * measurement has a cluster of its own, since what was registered before is not what is asked about.
 */

import { numbers, register } from './helpers/instances.js';
import { type Throughput, underLoad, warmUp } from './helpers/load.js';
import { registerByBody, registerByPath, renewOld } from './helpers/messages.js';
import { rounds, seconds, size } from './helpers/options.js';
import { startCluster, startReference, stopAll } from './helpers/processes.js';
import { figure } from './helpers/report.js';
import { Results } from './helpers/results.js';
import { compare } from './helpers/rounds.js';

const results = new Results('register', 'What does registering cost, with two peers connected?');

const live = size(10_000, 200);
/** More than can be registered while it is measured, so that none comes twice. */
const most = 30_000 * (seconds + 1);

const bare = await startReference('bare');
const repeated = numbers(live).map(renewOld);
await warmUp(bare, repeated);

async function once(daemons: number, message: typeof registerByPath): Promise<Throughput> {
  const cluster = await startCluster(daemons);
  const first = cluster[0]!;
  await register(first.requests, live);
  const distinct = numbers(most, live).map(message);
  await warmUp(first, distinct.splice(0, 30_000));
  const found = await underLoad(first, distinct);
  await stopAll(cluster);
  return found;
}

const found = await compare(Math.min(rounds, 3), {
  bare: () => underLoad(bare, repeated),
  path: () => once(3, registerByPath),
  body: () => once(3, registerByBody),
  alone: () => once(1, registerByPath),
});
await bare.stop();

const row = (label: string, { perSecond, cpu, p99 }: Throughput): string[] => [
  label,
  figure(perSecond),
  figure(perSecond / found.bare.perSecond),
  figure(cpu),
  figure(p99),
];
results.table(
  `Registering distinct instances, 32 at a time, ${live.toLocaleString('en')} online before`,
  ['', 'per second', 'of bare', 'µs of server CPU', 'p99, ms'],
  [
    row('bare node, 204 to a POST', found.bare),
    row('by path, two peers', found.path),
    row('by JSON body, two peers', found.body),
    row('by path, alone', found.alone),
  ],
);
results.atLeast('registering by path, by bare node', 0.35, found.path.perSecond / found.bare.perSecond);
results.atLeast('registering by JSON body, by bare node', 0.35, found.body.perSecond / found.bare.perSecond);
results.done(found);
