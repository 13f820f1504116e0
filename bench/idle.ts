/** What do renewals through one daemon cost the others: traffic between them, and CPU? */

import { register } from './helpers/instances.js';
import { rounds, size } from './helpers/options.js';
import { renewEvery } from './helpers/pace.js';
import { type MeteredDaemon, startMeteredDaemon, stopAll } from './helpers/processes.js';
import { figure } from './helpers/report.js';
import { wait } from './helpers/requests.js';
import { Results } from './helpers/results.js';
import { compare } from './helpers/rounds.js';
import { sum } from './helpers/statistics.js';
import { cpuSeconds } from './helpers/usage.js';

const results = new Results('idle', 'What do renewals through one daemon cost the others?');

const live = size(10_000, 200);
const measureFor = size(8000, 1000);
const everyMs = 1300;
/** ms until a cluster has come to rest after everything was registered. */
const settle = size(4000, 500);

interface Cost extends Record<string, number> {
  /** KB/s of one of the three links, both directions. */
  link: number;
  /** Percent of a core that one of the two others takes. */
  others: number;
  /** And the one that is asked. */
  asked: number;
}

async function cost(renewing: boolean): Promise<Cost> {
  const first = await startMeteredDaemon();
  const daemons: MeteredDaemon[] = [first];
  while (daemons.length < 3) daemons.push(await startMeteredDaemon({ peers: [first.meter.url] }));
  await register(first.requests, live);
  const fleet = renewing ? renewEvery(everyMs, live, () => first) : undefined;
  if (renewing) await register(first.requests, live, { ttl: 4000 });
  await wait(settle);
  const used = () => daemons.map(({ pid }) => cpuSeconds(pid));
  const bytes = () => sum(daemons.map(({ meter }) => meter.bytes));
  const [cpuBefore, bytesBefore] = [used(), bytes()];
  await wait(measureFor);
  const cpu = used().map((seconds, index) => (1e5 * (seconds - cpuBefore[index]!)) / measureFor);
  const link = (bytes() - bytesBefore) / measureFor / 3;
  await fleet?.stop();
  await stopAll(daemons);
  return { link, asked: cpu[0]!, others: (cpu[1]! + cpu[2]!) / 2 };
}

const found = await compare(Math.min(rounds, 2), { nothing: () => cost(false), renewing: () => cost(true) });

const row = (label: string, { link, others, asked }: Cost): string[] => [label, ...[link, others, asked].map(figure)];
results.table(
  `Three daemons, ${live.toLocaleString('en')} registrations`,
  ['', 'KB/s per link', '% of a core, the two others', '% of a core, the one asked'],
  [row('nothing is renewed', found.nothing), row('each is renewed every 1.3 s through one daemon', found.renewing)],
);
results.atMost('traffic per link while all are renewed', 5, found.renewing.link, 'KB/s');
results.atMost('the same, by nothing renewed', 1.2, found.renewing.link / found.nothing.link);
results.atMost('CPU of the others, by nothing renewed', 1.3, found.renewing.others / found.nothing.others);
results.done(found);
