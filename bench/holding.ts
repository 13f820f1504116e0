/** Does everything stay online that renews in time, at 7,700 single renewals a second? */

import { register } from './helpers/instances.js';
import { size } from './helpers/options.js';
import { renewEvery } from './helpers/pace.js';
import { type ServerProcess, startCluster, stopAll } from './helpers/processes.js';
import { figure } from './helpers/report.js';
import { type Requests, wait } from './helpers/requests.js';
import { Results } from './helpers/results.js';
import { percentile, sum } from './helpers/statistics.js';
import { cpuSeconds } from './helpers/usage.js';
import { Watcher } from './helpers/watcher.js';

const results = new Results('holding', 'Does everything stay online that renews in time?');

const live = size(10_000, 200);
const holdFor = size(60_000, 3000);
const ttl = 4000;
const everyMs = 1300;

interface Held extends Record<string, number> {
  /** `offline` events at the last daemon. */
  offline: number;
  /** Renewals that were not answered with 204. */
  refused: number;
  perSecond: number;
  p99: number;
  /** Of one core, in all daemons together. */
  cpu: number;
}

async function hold(daemons: number): Promise<Held> {
  const cluster = await startCluster(daemons);
  const watcher = await Watcher.open(cluster.at(-1)!.port);
  const daemonOf = (index: number): ServerProcess => cluster[index % daemons]!;
  const requestsOf = (index: number): Requests => daemonOf(index).requests;
  // The short TTL only once all are being renewed: those that come first shall not expire before the last has come.
  await register(requestsOf, live);
  const fleet = renewEvery(everyMs, live, daemonOf);
  await register(requestsOf, live, { ttl });
  // Updating ten thousand at once is no part of the question.
  await wait(size(1000, 100));
  fleet.count();
  const cpuBefore = cluster.map(({ pid }) => cpuSeconds(pid));
  await wait(holdFor);
  const cpu = sum(cluster.map(({ pid }, index) => cpuSeconds(pid) - cpuBefore[index]!)) / (holdFor / 1000);
  const { perSecond, refused, times } = await fleet.stop();
  const offline = watcher.counts.get('offline') ?? 0;
  watcher.close();
  await stopAll(cluster);
  return { offline, refused, perSecond, p99: percentile(times, 99), cpu };
}

const one = await hold(1);
const three = await hold(3);

const row = (label: string, { offline, refused, perSecond, p99, cpu }: Held): string[] => [
  label,
  String(offline),
  String(refused),
  ...[perSecond, p99, 100 * cpu].map(figure),
];
results.table(
  `${live.toLocaleString('en')} with a TTL of 4 s, each renewed every 1.3 s by a request of its own, for ${holdFor / 1000} s`,
  ['', 'false offlines', 'renewals refused', 'renewals/s', 'p99, ms', '% of a core'],
  [row('one daemon', one), row('three daemons', three)],
);
results.atMost('false offlines, one daemon', 0, one.offline);
results.atMost('false offlines, three daemons', 0, three.offline);
results.done({ one, three });
