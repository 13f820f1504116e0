/** What do look-ups cost beside bare node sending a prepared body, and how long does a long list hold up others? */

import { numbers, perVersion, register, idOf } from './helpers/instances.js';
import { type Throughput, underLoad, warmUp } from './helpers/load.js';
import { look, preparedBody, renewOld } from './helpers/messages.js';
import { rounds, size } from './helpers/options.js';
import { type ServerProcess, startDaemon, startReference, stopAll } from './helpers/processes.js';
import { figure } from './helpers/report.js';
import { Results } from './helpers/results.js';
import { compare, interleave } from './helpers/rounds.js';
import { median } from './helpers/statistics.js';
import { mainThreadMs } from './helpers/usage.js';

const results = new Results('query', 'What do look-ups cost beside bare node sending a prepared body?');

const live = size(10_000, 500);
const [daemon, bare] = await Promise.all([startDaemon(), startReference('bare', preparedBody)]);
await register(daemon.requests, live);

const versions = numbers(live / perVersion).map((version) => version * perVersion);
const looks = versions.map(look);
const entityTag = await tag(looks[0]!.path);
const known = [{ ...looks[0]!, headers: { 'if-none-match': entityTag } }];

/** The daemon's answers are fetched first: the prepared body must be as long as they are. */
async function tag(path: string): Promise<string> {
  const { body } = await daemon.requests.send('GET', path);
  const off = Math.abs(body.length / preparedBody.length - 1);
  if (off > 0.05) throw new Error(`the answer has ${body.length} bytes, the prepared one ${preparedBody.length}`);
  const response = await fetch(`${daemon.url}${path}`);
  return response.headers.get('etag')!;
}

const sides = {
  prepared: [bare, looks],
  ten: [daemon, looks],
  noop: [bare, [renewOld(0)]],
  unchanged: [daemon, known],
} as const;
for (const [server, messages] of Object.values(sides)) await warmUp(server, messages);
const found = await compare(
  rounds,
  Object.fromEntries(
    Object.entries(sides).map(([name, [server, messages]]) => [name, () => underLoad(server, messages)]),
  ) as Record<keyof typeof sides, () => Promise<Throughput>>,
);

const row = (label: string, { perSecond, cpu, p99 }: Throughput, reference: Throughput): string[] => [
  label,
  figure(perSecond),
  figure(perSecond / reference.perSecond),
  figure(cpu),
  figure(cpu / reference.cpu),
  figure(p99),
];
results.table(
  `Look-ups, ${live.toLocaleString('en')} online, 32 at a time`,
  ['', 'per second', 'of bare', 'µs of server CPU', 'by bare', 'p99, ms'],
  [
    row('bare node, a prepared body of ten', found.prepared, found.prepared),
    row('the ten instances of an app version', found.ten, found.prepared),
    row('bare node, 204', found.noop, found.noop),
    row('the same with its ETag: 304', found.unchanged, found.noop),
  ],
);

/** ms of the main thread of a server for one request, on average over a few. */
async function listing(server: ServerProcess, before?: (index: number) => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (const index of numbers(size(30, 3))) {
    await before?.(index);
    const begun = mainThreadMs(server.pid);
    await server.requests.send('GET', '/registrations');
    times.push(mainThreadMs(server.pid) - begun);
  }
  return times;
}

/** One that comes and goes with each number. */
const change = async (index: number): Promise<void> => {
  const method = index % 2 === 0 ? 'POST' : 'DELETE';
  await daemon.requests.send(method, `/registrations/${idOf(live)}`);
};
const { body: whole } = await daemon.requests.send('GET', '/registrations');
const listings = await interleave(2, {
  same: () => listing(daemon),
  changed: () => listing(daemon, change),
});
// The first round was for the compiler.
const [same, changed] = [median(listings.same!.at(-1)!), median(listings.changed!.at(-1)!)];
await stopAll([daemon, bare]);

results.table(
  `GET /registrations of ${live.toLocaleString('en')}, ${figure(whole.length / 1e6)} MB: ms of the event loop, median`,
  ['nothing has changed', 'one registration has changed'],
  [[figure(same), figure(changed)]],
);
results.atLeast('look-ups of ten, by bare node', 0.75, found.ten.perSecond / found.prepared.perSecond);
results.atLeast('304, by the 204 of bare node', 0.75, found.unchanged.perSecond / found.noop.perSecond);
results.atMost('GET /registrations of 10,000, after a change', 5, changed, 'ms');
results.done({ ...found, same, changed });
