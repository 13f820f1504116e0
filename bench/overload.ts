/** Which requests suffer when a daemon is overloaded? Not renewals of the registrations that it holds. */

import { Flood, type Flooded } from './helpers/flood.js';
import { longTtl, numbers, perVersion, register } from './helpers/instances.js';
import { Keeper } from './helpers/keeper.js';
import { underLoad } from './helpers/load.js';
import { look, renew } from './helpers/messages.js';
import { size } from './helpers/options.js';
import { eventually, type ServerProcess, startCluster, status, stopAll } from './helpers/processes.js';
import { figure, progress } from './helpers/report.js';
import { Requests, wait } from './helpers/requests.js';
import { Results } from './helpers/results.js';
import { percentile } from './helpers/statistics.js';
import { rssMB } from './helpers/usage.js';

const results = new Results('overload', 'Which requests suffer when a daemon is overloaded?');

/** Held by a client that behaves well. A multiple of a thousand. */
const held = size(10_000, 1000);
const ttl = 4000;
const floodFor = size(60_000, 3000);
const restFor = size(10_000, 1000);

const [daemon, peer] = (await startCluster(2)) as [ServerProcess, ServerProcess];
progress(`registering ${held}`);
await register(daemon.requests, held, { ttl });
const keeper = new Keeper(daemon, held, ttl);
/** What the flood asks about: instances that nothing else here looks at. */
const floodFrom = held + perVersion;
await register(daemon.requests, floodFrom + perVersion, { from: floodFrom, ttl: longTtl });
await eventually(async () => (await status(peer)).counts.registrations >= held + perVersion);

progress('the sustainable rate');
const mixed = numbers(perVersion, floodFrom).flatMap((index) => [renew(index), look(index)]);
const sustainable = (await underLoad(daemon, mixed)).perSecond;

/** Ids that went offline at the peer since the start of watching. */
class Losses {
  count = 0;
  readonly #gone = new AbortController();
  readonly #reading: Promise<void>;

  constructor(url: string) {
    this.#reading = this.#read(`${url}/events?type=offline`).catch(() => undefined);
  }

  async #read(url: string): Promise<void> {
    const response = await fetch(url, { signal: this.#gone.signal });
    let rest = '';
    for await (const text of response.body!.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      this.count += lines.filter((line) => line === 'event: offline').length;
    }
  }

  async stop(): Promise<number> {
    this.#gone.abort();
    await this.#reading;
    return this.count;
  }
}

/** ms that /livez takes, asked all the time. */
async function probe(port: number, isOver: () => boolean): Promise<number[]> {
  const requests = new Requests(port, 1);
  const times: number[] = [];
  while (!isOver()) {
    const begun = performance.now();
    await requests.send('GET', '/livez');
    times.push(performance.now() - begun);
    await wait(5);
  }
  requests.close();
  return times;
}

interface Side {
  factor: number;
  connections: number;
  ahead: number;
}

async function measure({ factor, connections, ahead }: Side) {
  progress(`${factor} times, ${ahead === 1 ? 'one at a time' : 'pipelined'}`);
  const before = rssMB(daemon.pid);
  const losses = new Losses(peer.url);
  keeper.times.length = 0;
  const { failed, unknown } = keeper;
  const flood = await Flood.start({
    port: daemon.port,
    rate: factor * sustainable,
    connections,
    ahead,
    from: floodFrom,
  });
  let over = false;
  const probing = probe(daemon.port, () => over);
  let peak = 0;
  for (const until = performance.now() + floodFor; performance.now() < until; await wait(200))
    peak = Math.max(peak, rssMB(daemon.pid));
  over = true;
  const flooded: Flooded = await flood.stop();
  const times = [...keeper.times];
  const livez = await probing;
  await wait(restFor);
  return {
    ...{ factor, ahead, connections },
    sent: (1000 * flooded.sent) / floodFor,
    answered: (1000 * flooded.answered) / floodFor,
    refused: (1000 * flooded.refused) / floodFor,
    broken: flooded.broken,
    p50: percentile(times, 50),
    p99: percentile(times, 99),
    livez: percentile(livez, 99),
    longest: Math.max(...livez),
    failed: keeper.failed - failed,
    unknown: keeper.unknown - unknown,
    offline: await losses.stop(),
    rss: { before, peak, after: rssMB(daemon.pid) },
  };
}

const sides: Side[] = [2, 5].flatMap((factor) => [
  { factor, connections: size(2000, 200), ahead: 1 },
  { factor, connections: size(200, 50), ahead: 400 },
]);
const found = [];
for (const side of sides) found.push(await measure(side));
const { generation } = await status(daemon);
await keeper.stop();
await stopAll([daemon, peer]);

results.table(
  `${held.toLocaleString('en')} held with a TTL of ${ttl / 1000} s by batches of 1,000 renewals, beside a flood of renewals and look-ups, ${floodFor / 1000} s each; sustainable: ${figure(sustainable)} a second`,
  [
    'times',
    '',
    'answered/s',
    'of them 503',
    'renewals p50, ms',
    'p99',
    '/livez p99, ms',
    'longest',
    'failed',
    'unknown',
    'offline at the peer',
    'RSS before, peak, after, MB',
  ],
  found.map((one) => [
    String(one.factor),
    one.ahead === 1 ? `one at a time, ${one.connections} connections` : `pipelined, ${one.connections}`,
    ...[one.answered, one.refused, one.p50, one.p99, one.livez, one.longest].map(figure),
    ...[one.failed, one.unknown, one.offline].map(String),
    [one.rss.before, one.rss.peak, one.rss.after].map(figure).join(', '),
  ]),
);
results.atMost('renewals of held registrations, p99', ttl / 3, Math.max(...found.map(({ p99 }) => p99)), 'ms');
results.atMost(
  'of them offline, unknown or failed',
  0,
  found.reduce((sum, one) => sum + one.offline + one.unknown + one.failed, 0),
);
results.atMost('incarnations of the daemon', 1, generation);
results.done({ sustainable, found });
