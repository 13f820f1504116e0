/**
 * Does a daemon's memory, traffic or joining time grow with its past? Three real daemons do a million renewals
 * and 200,000 transitions, and then 100,000 catalog edits. `--scale 0.1` does a tenth of it.
 */

import { parseArgs } from 'node:util';
import { type MeteredDaemon, startMeteredDaemon, status } from './helpers/processes.js';
import { inParallel, wait } from './helpers/requests.js';
import { figure, progress, say, table } from './helpers/report.js';
import { save } from './helpers/results.js';
import { median } from './helpers/statistics.js';

const { values: options } = parseArgs({
  options: {
    scale: { type: 'string', default: '1' },
    daemons: { type: 'string', default: '3' },
    catalog: { type: 'boolean', default: true },
  },
  allowNegative: true,
});
const scale = Number(options.scale);

/** Registrations that stay, renewed all the time. */
const live = 1000;
/** ms; also how soon an abandoned registration expires. */
const shortTtl = 1000;
/** Width of the load: requests under way at a time. */
const width = 48;

const daemons: MeteredDaemon[] = [];
let turn = 0;
/** Each request goes to the next daemon. */
const any = (): MeteredDaemon => daemons[turn++ % daemons.length]!;

const liveIds = Array.from(
  { length: live },
  (_, index) => `live/1.${index % 7}.0/10.0.${index >> 8}.${index & 255}/8080`,
);
let renewals = 0;
let transitions = 0;
let gone = 0;

/** `count` renewals, nine in ten of them in batches; half of all at the first daemon, half at each in turn. */
async function renew(count: number): Promise<void> {
  await inParallel(Math.round((0.9 * count) / live), 4, async (index) => {
    const { requests } = index % 2 === 0 ? daemons[0]! : any();
    const { body } = await requests.send('POST', '/renewals', { ids: liveIds });
    const { unknown } = JSON.parse(body) as { unknown: string[] };
    gone += unknown.length;
    for (const id of unknown) await requests.send('POST', `/registrations/${id}`);
  });
  await inParallel(Math.round(0.1 * count), width, async (index) => {
    const { requests } = index % 2 === 0 ? daemons[0]! : any();
    const { status } = await requests.send('PUT', `/registrations/${liveIds[index % live]!}/lease`);
    if (status !== 204) gone++;
  });
  renewals += count;
}

/** `count` transitions: instances that come, of which half are deregistered and half expire. */
async function churn(count: number): Promise<void> {
  await inParallel(count / 2, width, async (index) => {
    const name = transitions / 2 + index;
    const path = `/registrations/churn/1.${name % 7}.0/10.${(name >> 16) & 255}.${(name >> 8) & 255}.${name & 255}/80`;
    const { requests } = index % 4 < 2 ? daemons[0]! : any();
    const { status } = await requests.send('POST', path, { ttl: shortTtl });
    if (status !== 200) throw new Error(`registering answers ${status}`);
    if (index % 2 === 0) await (index % 4 < 2 ? daemons[0]! : any()).requests.send('DELETE', path);
  });
  transitions += count;
}

/** What keeps the live registrations alive while other things are measured. */
let keeping = true;
async function keepAlive(): Promise<void> {
  while (keeping) {
    await any()
      .requests.send('POST', '/renewals', { ids: liveIds })
      .then(({ body }) => (gone += (JSON.parse(body) as { unknown: string[] }).unknown.length));
    await wait(700);
  }
}

const mb = (bytes: number): string => figure(bytes / 1e6);
const totalBytes = (): number => daemons.reduce((sum, { meter }) => sum + meter.bytes, 0);

/** ms that fresh daemons take from the start of the process until they have everything; empty ones beside. */
async function joining(rounds = 5): Promise<{ join: number; start: number }> {
  const join: number[] = [];
  const start: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const alone = await startMeteredDaemon({ args: ['--cluster', 'alone'] });
    start.push(alone.startedIn);
    await alone.stop();
    const fresh = await startMeteredDaemon({ peers: [daemons[0]!.url] });
    join.push(fresh.startedIn);
    const { counts } = await status(fresh);
    if (counts.registrations < live) throw new Error(`joined with ${counts.registrations} registrations`);
    await fresh.stop();
  }
  return { join: median(join), start: median(start) };
}

interface Sample {
  renewals: number;
  transitions: number;
  seconds: number;
  perTransition: number;
  memory: { rss: number; heapUsed: number; external: number }[];
}

const begun = performance.now();
const samples: Sample[] = [];
const joins: { transitions: number; join: number; start: number }[] = [];

async function sample(bytes: number, of: number): Promise<void> {
  const memory = (await Promise.all(daemons.map(status))).map(({ memory }) => memory);
  const seconds = (performance.now() - begun) / 1000;
  samples.push({ renewals, transitions, seconds, perTransition: bytes / of, memory });
  progress(
    `${transitions} transitions, ${renewals} renewals, ${Math.round(seconds)} s: RSS ${memory.map(({ rss }) => mb(rss)).join(', ')} MB`,
  );
}

/** One slice of the load, some rest, a look. */
async function load(slice: { renewals: number; transitions: number }): Promise<void> {
  await renew(slice.renewals);
  const before = totalBytes();
  await churn(slice.transitions);
  const bytes = totalBytes() - before;
  // Until what has come and gone is forgotten: a TTL, the peer timeout and a second.
  await wait(6000);
  await sample(bytes, slice.transitions);
}

async function look(): Promise<void> {
  const times = await joining();
  joins.push({ transitions, ...times });
  progress(`a fresh daemon joins in ${figure(times.join)} ms, starts alone in ${figure(times.start)} ms`);
}

/** A hundred thousand edits in some minutes are more than daemons take by default. */
const catalogRate = ['--max-catalog-writes', '100000'];

daemons.push(await startMeteredDaemon({ args: catalogRate }));
for (let more = 1; more < Number(options.daemons); more++)
  daemons.push(await startMeteredDaemon({ peers: [daemons[0]!.meter.url], args: catalogRate }));
await inParallel(live, width, (index) => any().requests.send('POST', `/registrations/${liveIds[index]!}`));
const kept = keepAlive();

await load({ renewals: 10_000, transitions: 10_000 });
await look();
const slices = 10;
for (let slice = 0; slice < slices; slice++)
  await load({ renewals: (990_000 * scale) / slices, transitions: (190_000 * scale) / slices });
await look();

say(
  table(
    ['after', 'renewals', 's', 'RSS, MB', 'heap, MB', 'external (WASM), MB', 'bytes per transition'],
    samples.map((one) => [
      `${one.transitions.toLocaleString('en')} transitions`,
      one.renewals.toLocaleString('en'),
      one.seconds.toFixed(0),
      one.memory.map(({ rss }) => mb(rss)).join(' / '),
      one.memory.map(({ heapUsed }) => mb(heapUsed)).join(' / '),
      one.memory.map(({ external }) => mb(external)).join(' / '),
      figure(one.perTransition),
    ]),
  ),
);
say();
const first = samples[0]!;
const last = samples.at(-1)!;
const ratios = last.memory.map(({ rss }, index) => rss / first.memory[index]!.rss);
say(`RSS at the end by RSS after the first 10,000: ${ratios.map((ratio) => ratio.toFixed(2)).join(', ')} (bar: 1.20)`);
say(`Renewals of live registrations that were refused: ${gone}`);
say();

interface Edits {
  edits: number;
  catalogBytes: number;
  rss: number[];
  perSecond: number;
  mergeMs: number;
}

const edited: Edits[] = [];
let edits = 0;
const names = 100;

/** ms from sending one edit to another daemon's answering with it. */
async function reach(): Promise<number> {
  const [from, to] = [daemons[0]!, daemons[1]!];
  const version = `reach-${edits++}`;
  const begun = performance.now();
  await from.requests.send('PUT', '/backends/backend-0?force=true', { version });
  while (!(await to.requests.send('GET', '/backends/backend-0')).body.includes(`"${version}"`)) {
    if (performance.now() - begun > 10_000) throw new Error('an edit did not arrive');
  }
  return performance.now() - begun;
}

async function edit(count: number): Promise<void> {
  const begun = performance.now();
  await inParallel(count, 16, async () => {
    const edit = edits++;
    const { requests } = edit % 2 === 0 ? daemons[0]! : any();
    const { status } = await requests.send('PUT', `/backends/backend-${edit % names}?force=true`, {
      version: `1.${edit}.0`,
    });
    if (status !== 200) throw new Error(`an edit answers ${status}`);
  });
  const perSecond = (1000 * count) / (performance.now() - begun);
  await wait(2000);
  const reaches: number[] = [];
  for (let round = 0; round < 21; round++) reaches.push(await reach());
  const all = await Promise.all(daemons.map(status));
  edited.push({
    edits,
    catalogBytes: all[0]!.catalogBytes,
    rss: all.map(({ memory }) => memory.rss),
    perSecond,
    mergeMs: median(reaches),
  });
  progress(`${edits} edits, ${Math.round(perSecond)}/s: ${mb(all[0]!.catalogBytes)} MB`);
}

if (options.catalog) {
  for (let name = 0; name < names; name++)
    await daemons[0]!.requests.send('POST', '/backends', {
      name: `backend-${name}`,
      app: 'web',
      version: '1.0.0',
    });
  for (let slice = 0; slice < 10; slice++) await edit(10_000 * scale);
  await look();
  say(
    table(
      ['after', 'catalog saved, MB', 'RSS, MB', 'edits per second', 'an edit seen elsewhere after'],
      edited.map((one) => [
        `${one.edits.toLocaleString('en')} edits`,
        mb(one.catalogBytes),
        one.rss.map(mb).join(' / '),
        figure(one.perSecond),
        `${figure(one.mergeMs)} ms`,
      ]),
    ),
  );
  say();
}

say(
  table(
    ['a fresh daemon', 'has everything after', 'alone, it starts in'],
    joins.map(({ transitions, join, start }, index) => [
      index < 2
        ? `after ${transitions.toLocaleString('en')} transitions`
        : `and ${edits.toLocaleString('en')} catalog edits`,
      `${figure(join)} ms`,
      `${figure(start)} ms`,
    ]),
  ),
);
save('soak', { scale, live, daemons: daemons.length, samples, ratios, refused: gone, edited, joins });

keeping = false;
await kept;
await Promise.all(daemons.map((daemon) => daemon.stop()));
