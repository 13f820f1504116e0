/** How soon do watchers at any of three daemons hear that an instance has come, or has gone? */

import { idOf, numbers, register } from './helpers/instances.js';
import { registerByPath, renewAll } from './helpers/messages.js';
import { rounds, size } from './helpers/options.js';
import { type ServerProcess, startCluster, startRelays, stopAll } from './helpers/processes.js';
import { figure } from './helpers/report.js';
import { wait } from './helpers/requests.js';
import { Results } from './helpers/results.js';
import { interleave } from './helpers/rounds.js';
import { median, percentile } from './helpers/statistics.js';
import { Watcher } from './helpers/watcher.js';

const results = new Results('events', 'How soon do watchers hear that an instance has come, or has gone?');

const live = size(10_000, 100);
const samples = size(300, 10);
/** Instances that are renewed for the last time by one request. */
const together = size(3000, 50);
const ttl = 1000;
/** Instances that come, one after the other, before anything is measured. */
const warmth = size(3000, 50);
const ttlTogether = size(3000, 1000);

/** Servers with a watcher at each; what happens, happens at the first. */
interface Watched {
  first: ServerProcess;
  watchers: readonly Watcher[];
}

const watch = async (servers: readonly ServerProcess[]): Promise<Watched> => ({
  first: servers[0]!,
  watchers: await Promise.all(servers.map(({ port }) => Watcher.open(port))),
});

const [cluster, relays] = [await startCluster(3), await startRelays(3)];
const [daemons, bare] = [await watch(cluster), await watch(relays)];
const { first } = daemons;
let used = live;

/** Long enough apart, and not in step with any timer of the daemons. */
const apart = (): Promise<void> => wait(5 + 10 * Math.random());

const everywhere = (type: 'online' | 'offline', id: string, { watchers }: Watched = daemons): Promise<number[]> =>
  Promise.all(watchers.map((watcher) => watcher.next(type, id)));

/** ms from sending to the event: where it was registered, and at the two others. */
interface Coming {
  here: number[];
  elsewhere: number[];
}

async function comingTo(watched: Watched): Promise<Coming> {
  const found: Coming = { here: [], elsewhere: [] };
  for (let sample = 0; sample < samples / rounds; sample++) {
    const [here, ...elsewhere] = await comesTo(watched);
    found.here.push(here!);
    found.elsewhere.push(...elsewhere);
    await apart();
  }
  return found;
}

/** One more instance: ms until each watcher has heard of it. */
async function comesTo(watched: Watched): Promise<number[]> {
  const index = used++;
  const { method, path, body } = registerByPath(index);
  const seen = everywhere('online', idOf(index), watched);
  const sent = performance.now();
  const answer = watched.first.requests.send(method, path, body);
  const times = (await seen).map((at) => at - sent);
  await answer;
  return times;
}

/** Daemons and bare processes in turn, since how fast either is varies with what else the machine does. */
async function coming(): Promise<Record<'daemons' | 'bare', Coming>> {
  const found = await interleave(rounds, { daemons: () => comingTo(daemons), bare: () => comingTo(bare) });
  const all = (side: string): Coming => ({
    here: found[side]!.flatMap(({ here }) => here),
    elsewhere: found[side]!.flatMap(({ elsewhere }) => elsewhere),
  });
  return { daemons: all('daemons'), bare: all('bare') };
}

interface Going {
  /** ms from the end of the TTL, counted from when the request was sent, to the event at each daemon. */
  late: number[];
  /** ms between the first daemon and the last. */
  spread: number[];
}

/** Instances that register, each for itself, and are not heard of again. */
async function going(): Promise<Going> {
  const found: Going = { late: [], spread: [] };
  const gone: Promise<void>[] = [];
  for (let sample = 0; sample < samples; sample++) {
    const index = used++;
    const seen = everywhere('offline', idOf(index));
    const sent = performance.now();
    gone.push(
      seen.then((at) => {
        found.late.push(...at.map((one) => one - sent - ttl));
        found.spread.push(Math.max(...at) - Math.min(...at));
      }),
    );
    await register(first.requests, index + 1, { from: index, ttl });
    await apart();
  }
  await Promise.all(gone);
  return found;
}

/** ms from the end of the common TTL to the last event at each daemon, and at the first. */
async function goingTogether(): Promise<number[]> {
  const from = used;
  used += together;
  await register(first.requests, used, { from, ttl: ttlTogether });
  const all = numbers(together, from);
  const seen = all.map((index) => everywhere('offline', idOf(index)));
  const { method, path, body } = renewAll(all);
  const sent = performance.now();
  await first.requests.send(method, path, body);
  return (await Promise.all(seen)).map((at) => Math.max(...at) - sent - ttlTogether);
}

// As everywhere, what is measured is compiled.
for (const watched of [daemons, bare]) for (let count = 0; count < warmth; count++) await comesTo(watched);
await coming();
const online = await coming();
const offline = await going();
await register(first.requests, live);
const onlineMany = await coming();
const offlineMany = await going();
const lastOnes: number[] = [];
for (let round = 0; round < size(3, 1); round++) lastOnes.push(Math.max(...(await goingTogether())));
for (const watcher of [...daemons.watchers, ...bare.watchers]) watcher.close();
await stopAll([...cluster, ...relays]);

const row = (label: string, ms: readonly number[]): string[] => [
  label,
  ...[median(ms), percentile(ms, 99), Math.max(...ms)].map(figure),
];
results.table(
  'Three daemons, ms',
  ['', 'p50', 'p99', 'max'],
  [
    row('online, where it was registered', online.daemons.here),
    row('online, at the two others', online.daemons.elsewhere),
    row('bare node that passes a body on: where it came', online.bare.here),
    row('at the two others', online.bare.elsewhere),
    row(`${live.toLocaleString('en')} registered: online, where it was registered`, onlineMany.daemons.here),
    row('online, at the two others', onlineMany.daemons.elsewhere),
    row('bare node at that time: where it came', onlineMany.bare.here),
    row('at the two others', onlineMany.bare.elsewhere),
    row('offline, after the TTL', offline.late),
    row('between the first daemon to say so and the last', offline.spread),
    row(`the same, ${live.toLocaleString('en')} registered: after the TTL`, offlineMany.late),
    row('between the first and the last', offlineMany.spread),
    row(`the last of ${together.toLocaleString('en')} that expire together`, lastOnes),
  ],
);
for (const [label, { elsewhere }] of [
  ['online event at another daemon', online.daemons],
  ['the same, 10,000 registered', onlineMany.daemons],
] as const) {
  results.atMost(`${label}, p50`, 1.5, median(elsewhere), 'ms');
  results.atMost(`${label}, p99`, 6, percentile(elsewhere, 99), 'ms');
}
const late = [...offline.late, ...offlineMany.late];
results.atMost('offline after the TTL, p50', 25, median(late), 'ms');
results.atMost('offline after the TTL, p99', 100, percentile(late, 99), 'ms');
results.atMost('between daemons, p99', 20, percentile([...offline.spread, ...offlineMany.spread], 99), 'ms');
results.atMost('3,000 that expire together, the last', 300, median(lastOnes), 'ms');
results.done({ online, onlineMany, offline, offlineMany, lastOnes });
