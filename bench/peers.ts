/**
 * How does bender do beside its peers, in the same run: bender 0.2.1, etcd, ZooKeeper, Thalassa and Redis? They are
 * fetched from npm and Debian into .bench/peers/. One that cannot be had or does not run is left out, and the table
 * says why.
 */

import { size } from './helpers/options.js';
import { figure, progress } from './helpers/report.js';
import { Results } from './helpers/results.js';
import { middle } from './helpers/rounds.js';
import { median, percentile } from './helpers/statistics.js';
import { measureBatches, together } from './peers/batches.js';
import { bender, benderOfThree } from './peers/bender.js';
import { benderOld } from './peers/bender-old.js';
import { etcdGrpc, etcdHttp } from './peers/etcd.js';
import { hear, type Heard, warmUp } from './peers/events.js';
import { fillBender, fillBenderOld } from './peers/fresh.js';
import { everyMs, holdBender, holdBenderOld, holdFor } from './peers/holding.js';
import { LeftOut } from './peers/left-out.js';
import { redis } from './peers/redis.js';
import type { Side, Watched } from './peers/side.js';
import { cell, cells } from './peers/tables.js';
import { thalassa } from './peers/thalassa.js';
import { type Figures, live, measure, measureMany } from './peers/throughput.js';
import { zooKeeper } from './peers/zookeeper.js';

const results = new Results('peers', 'How does bender do beside its peers, in the same run?');

const sides: Side[] = [bender, benderOfThree, benderOld, etcdHttp, etcdGrpc, zooKeeper, thalassa, redis];
/** Those that bender is to beat by 1.5 times at registering. */
const beaten = [benderOld, etcdHttp, etcdGrpc, zooKeeper, thalassa];
const rounds = size(3, 1);
const leftOut = new LeftOut(bender.name);

/** What is to be done of each side, in turns; nothing where that is undefined. */
const ofEach = <T>(times: number, work: (side: Side) => (() => Promise<T>) | undefined) =>
  leftOut.inTurns(times, Object.fromEntries(sides.map((side) => [side.name, work(side)])));

/** The same of both benders. */
const ofBoth = <T>(times: number, ours: () => Promise<T>, old: () => Promise<T>) =>
  leftOut.inTurns(times, { [bender.name]: ours, [benderOld.name]: old });

progress('what each does in a second');
const throughput = await ofEach(rounds, (side) => () => measure(side));
const figures = new Map<string, Figures>();
for (const [name, all] of throughput) figures.set(name, middle(all));

progress('the memory of ten times as many');
const rssOfMany = await ofEach(1, (side) => {
  const found = figures.get(side.name);
  return found && (() => measureMany(side, found));
});

progress('online and offline events');
const watched = new Map<string, Watched>();
for (const { name, watched: start } of sides) {
  const one = start && (await leftOut.unless(name, start));
  if (!one) continue;
  watched.set(name, one);
  await leftOut.unless(name, () => warmUp(one));
}
const turns = await ofEach(rounds, ({ name }) => {
  const one = watched.get(name);
  let turn = 0;
  return one && (() => hear(one, turn++));
});
for (const one of watched.values()) await one.stop();
const heard = new Map<string, Heard>();
for (const [name, all] of turns)
  heard.set(name, { online: all.flatMap(({ online }) => online), late: all.flatMap(({ late }) => late) });

progress('a fresh daemon');
const filled = await ofBoth(
  1,
  () => fillBender(live),
  () => fillBenderOld(live),
);
const joins = [...filled].map(([name, [one]]) => [name, () => one!.join()] as const);
const joined = await leftOut.inTurns(rounds, Object.fromEntries(joins));
for (const [one] of filled.values()) await one!.stop();

progress('renewing by a thousand');
const batches = await leftOut.unless(redis.name, () => measureBatches(size(10_000, 2000)));

progress('holding');
const held = await ofBoth(
  1,
  () => holdBender(live),
  () => holdBenderOld(live),
);

const many = live.toLocaleString('en');
results.table(
  `32 at a time, ${many} registered before; times in ms, memory of all processes in MB`,
  [
    '',
    'register/s',
    'renew/s',
    'query of ten/s',
    'online event, p50 / p99',
    'offline lateness, p50 / p99',
    `RSS at ${many} / ${(10 * live).toLocaleString('en')}`,
    `${many} to a fresh node`,
  ],
  sides.map(({ name }) => {
    const found = figures.get(name);
    const { online, late } = heard.get(name) ?? { online: [], late: [] };
    return [
      name,
      cell(found?.register),
      cell(found?.renew),
      cell(found?.query),
      cells(median(online), percentile(online, 99)),
      cells(median(late), percentile(late, 99)),
      cells(found?.rss, rssOfMany.get(name)?.[0]),
      cell(median(joined.get(name) ?? [])),
    ];
  }),
);
if (batches) {
  const row = (label: string, perSecond: number): string[] => [
    label,
    figure(perSecond),
    figure(batches.bender / perSecond),
  ];
  results.table(
    `Renewing ${together.toLocaleString('en')} with each write, 32 at a time`,
    ['', 'renewals/s', 'bender by this'],
    [
      row('bender, `POST /renewals`', batches.bender),
      row('Redis, `SET … EX`, pipelined', batches.set),
      row('Redis, `EXPIRE`, pipelined', batches.expire),
    ],
  );
}
results.table(
  `${many} with a TTL of 4 s, each renewed every ${everyMs / 1000} s by a request of its own, for ${holdFor / 1000} s`,
  ['', 'false offlines', 'renewals/s', 'p99, ms'],
  [...held].flatMap(([name, all]) =>
    all.map(({ offline, perSecond, p99 }) => [name, String(offline), figure(perSecond), figure(p99)]),
  ),
);
if (leftOut.reasons.size > 0) results.table('Could not be run, or not to the end', ['', 'why'], [...leftOut.reasons]);

for (const { name } of beaten) {
  const peer = figures.get(name);
  if (peer) results.atLeast(`registering, by ${name}`, 1.5, figures.get(bender.name)!.register / peer.register);
}
const onlineAt = ({ name }: Side): number | undefined =>
  heard.has(name) ? median(heard.get(name)!.online) : undefined;
const [own, old] = [onlineAt(bender), onlineAt(benderOld)];
if (own !== undefined && old !== undefined)
  results.atMost(`online event at another daemon, p50, by ${benderOld.name}`, 1, own / old);
if (batches) results.atLeast('renewing by 1,000, by Redis with pipelining', 1, batches.bender / batches.set);
results.done({
  ...Object.fromEntries(
    Object.entries({ throughput, rssOfMany, heard, joined, held }).map(([what, found]) => [
      what,
      Object.fromEntries<unknown>(found),
    ]),
  ),
  batches,
  leftOut: Object.fromEntries(leftOut.reasons),
});
// What hangs is stopped with this process, and shall not keep it.
process.exit();
