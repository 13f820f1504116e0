/**
 * How long until a fresh daemon has everything, also where much has come and gone, and what do renewals at the
 * others feel of it? `--transitions 1000000` takes its time.
 */

import { parseArgs } from 'node:util';
import { idOf, numbers, register } from './helpers/instances.js';
import { renew } from './helpers/messages.js';
import { size } from './helpers/options.js';
import { type ServerProcess, startCluster, startDaemon, status, stopAll } from './helpers/processes.js';
import { figure, progress } from './helpers/report.js';
import { inParallel, wait } from './helpers/requests.js';
import { Results } from './helpers/results.js';
import { median, percentile } from './helpers/statistics.js';

const { values: options } = parseArgs({
  options: { transitions: { type: 'string', default: size('200000', '1000') }, short: { type: 'boolean' } },
});
const transitions = Number(options.transitions);
const [many, most] = [size(10_000, 100), size(100_000, 200)];

/**
 * ms until nothing is left of what was deregistered: the TTL, the peer timeout and a second that a release is kept, and
 * a rest.
 */
const releasesFor = size(12_000, 100);

const results = new Results('join', 'How long until a fresh daemon has everything?');

interface Joined {
  /** ms from the start of the process until it said that it has joined. */
  ms: number;
  /** ms that renewals at the others took meanwhile. */
  renewals: number[];
}

/** Renews at both daemons, a few at a time, until it is told to stop. */
function renewing(cluster: readonly ServerProcess[], live: number): () => Promise<number[]> {
  const times: number[] = [];
  let going = true;
  const worker = async (number: number): Promise<void> => {
    for (let turn = number; going; turn += 7) {
      const { method, path } = renew(turn % live);
      const begun = performance.now();
      await cluster[turn % cluster.length]!.requests.send(method, path);
      times.push(performance.now() - begun);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };
  const workers = numbers(4).map(worker);
  return async () => {
    going = false;
    await Promise.all(workers);
    return times;
  };
}

async function join(cluster: readonly ServerProcess[], live: number): Promise<Joined> {
  const stop = renewing(cluster, live);
  const fresh = await startDaemon({ peers: [cluster[0]!.url] });
  const { counts } = await status(fresh);
  const renewals = await stop();
  if (counts.registrations < live) throw new Error(`joined with ${counts.registrations} of ${live}`);
  await fresh.stop();
  return { ms: fresh.startedIn, renewals };
}

async function repeat(rounds: number, once: () => Promise<Joined>): Promise<Joined> {
  const all: Joined[] = [];
  for (let round = 0; round < rounds; round++) all.push(await once());
  return { ms: median(all.map(({ ms }) => ms)), renewals: all.flatMap(({ renewals }) => renewals) };
}

/** So many instances come, and go again. */
async function churn(requests: ServerProcess['requests'], from: number): Promise<void> {
  await inParallel(transitions / 2, 64, async (index) => {
    const path = `/registrations/${idOf(from + index)}`;
    await requests.send('POST', path);
    await requests.send('DELETE', path);
    if (index % 100_000 === 0) progress(`${2 * index} of ${transitions} transitions`);
  });
}

const cluster = await startCluster(2);
const first = cluster[0]!;
await register(first.requests, many);
const fresh = await repeat(size(7, 1), () => join(cluster, many));
await churn(first.requests, most);
const amidst = await repeat(size(3, 1), () => join(cluster, many));
await wait(releasesFor);
const churned = await repeat(size(7, 1), () => join(cluster, many));
await register(first.requests, most, { from: many });
const large = await repeat(size(3, 1), () => join(cluster, most));
await stopAll(cluster);

const row = (label: string, { ms, renewals }: Joined): string[] => [
  label,
  figure(ms),
  figure(median(renewals)),
  figure(percentile(renewals, 99)),
  figure(Math.max(...renewals)),
];
results.table(
  'ms from the start of the process until it has joined, and ms that renewals at the two others took meanwhile',
  ['registrations', 'has everything after', 'renewals p50', 'p99', 'max'],
  [
    row(many.toLocaleString('en'), fresh),
    row(`${many.toLocaleString('en')}, right after ${transitions.toLocaleString('en')} transitions`, amidst),
    row(`${many.toLocaleString('en')}, ${releasesFor / 1000} s later`, churned),
    row(`${most.toLocaleString('en')}, after those too`, large),
  ],
);
results.atMost('a fresh daemon has 10,000 registrations after', 800, fresh.ms, 'ms');
results.atMost(
  `the same ${releasesFor / 1000} s after ${transitions.toLocaleString('en')} transitions`,
  800,
  churned.ms,
  'ms',
);
results.atMost('a fresh daemon has 100,000 registrations after', 4000, large.ms, 'ms');
for (const [label, { renewals }] of [
  ['10,000', fresh],
  ['10,000 after churn', churned],
  ['100,000', large],
] as const)
  results.atMost(`p99 of renewals while a daemon fetches ${label}`, 50, percentile(renewals, 99), 'ms');
const figures = ({ ms, renewals }: Joined) => ({
  ms,
  renewals: renewals.length,
  p99: percentile(renewals, 99),
});
results.done({
  fresh: figures(fresh),
  amidst: figures(amidst),
  churned: figures(churned),
  large: figures(large),
});
