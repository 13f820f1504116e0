/** How soon do a thousand watchers of one daemon hear of a hundred events a second? */

import { idOf } from './helpers/instances.js';
import { registerByPath } from './helpers/messages.js';
import { size } from './helpers/options.js';
import { startDaemon } from './helpers/processes.js';
import { figure, progress } from './helpers/report.js';
import { wait } from './helpers/requests.js';
import { Results } from './helpers/results.js';
import { median, percentile } from './helpers/statistics.js';
import { cpuSeconds, rssMB } from './helpers/usage.js';
import { sharedNow, Watching } from './helpers/watching.js';

const results = new Results('watchers', 'How soon do a thousand watchers hear of a hundred events a second?');

const perSecond = 100;
const measureFor = size(10_000, 1000);
/** Watchers that are looked at, of all. */
const sample = 50;

/** ms from sending each request to its event at the watchers. */
async function measure(watchers: number) {
  progress(`${watchers} watchers`);
  const daemon = await startDaemon();
  const watching = await Watching.open(daemon.port, watchers, sample);
  const sent = new Map<string, number>();
  const before = cpuSeconds(daemon.pid);
  const begun = performance.now();
  let index = 0;
  while (performance.now() - begun < measureFor) {
    const due = ((performance.now() - begun) / 1000) * perSecond;
    for (; index < due; index++) {
      const { method, path, body } = registerByPath(index);
      sent.set(idOf(index), sharedNow());
      void daemon.requests.send(method, path, body);
    }
    await wait(2);
  }
  await wait(500);
  const cpu = (cpuSeconds(daemon.pid) - before) / (measureFor / 1000);
  const rss = rssMB(daemon.pid);
  const { arrivals, alive } = await watching.close();
  const times = arrivals.filter(([id]) => sent.has(id)).map(([id, at]) => at - sent.get(id)!);
  await daemon.stop();
  const looking = Math.min(sample, watchers);
  if (alive !== watchers || times.length !== looking * sent.size)
    throw new Error(
      `${alive} of ${watchers} watchers are left, and ${times.length} of ${looking * sent.size} events came`,
    );
  return { watchers, p50: median(times), p99: percentile(times, 99), max: Math.max(...times), cpu, rss };
}

const found = [await measure(1), await measure(size(100, 50)), await measure(size(1000, 100))];
const [one, , most] = found as [Measured, Measured, Measured];
type Measured = (typeof found)[number];

results.table(
  `${perSecond} instances come per second`,
  ['watchers', 'p50, ms', 'p99', 'max', '% of a core', 'µs of CPU for each watcher and event', 'RSS, MB'],
  found.map(({ watchers, p50, p99, max, cpu, rss }) => [
    watchers.toLocaleString('en'),
    ...[p50, p99, max, 100 * cpu].map(figure),
    watchers === 1 ? '' : figure((1e6 * (cpu - one.cpu)) / (watchers - 1) / perSecond),
    figure(rss),
  ]),
);
results.atMost('events at 1,000 watchers, p99', 50, most.p99, 'ms');
results.done(found);
