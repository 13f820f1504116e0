/** What an operator reads of a daemon's decisions: one line for each, with the part that has taken it. */

import { expect, it } from '@jest/globals';
import { World } from '../../../helpers/world.js';

const address = (port: number) => ({ app: 'web', version: '1', host: '10.0.0.5', port });

/** The lines of a host's log that match, each after its part. */
const lines = (world: World, host: string, match: RegExp): string[] => {
  const { logged, loggedBy } = world.host(host);
  return logged.map((line, index) => `${loggedBy[index]}: ${line}`).filter((line) => match.test(line));
};

async function pair(settings: object = {}): Promise<World> {
  const world = new World(1);
  await world.complete(world.start('a', settings));
  await world.advance(5000);
  await world.complete(world.start('b', { ...settings, peers: [world.host('a').url] }));
  await world.advance(12_000);
  return world;
}

it('says once that it is warm, and why', async () => {
  const world = await pair();
  expect(lines(world, 'a', /warm/)).toEqual([
    'lifecycle: info warm, its view can be trusted: services have had the time to register {}',
  ]);
  expect(lines(world, 'b', /warm|cluster/)).toEqual([
    'lifecycle: info warm, its view can be trusted: a peer has told everything {}',
    'membership: info joined a cluster of 2 daemons {"peers":["a"]}',
  ]);
});

it('says how many registrations it took over from a daemon that was lost, and nothing of renewals', async () => {
  const world = await pair();
  const { a, b } = { a: world.host('a').daemon!, b: world.host('b').daemon! };
  const ids = [1, 2, 3].map((port) => b.register(address(port), { ttl: 10_000 }).registration.id);
  await world.advance(1000);
  world.kill('b');
  const before = world.host('a').logged.length;
  for (let second = 0; second < 20; second++) {
    for (const id of ids) {
      await world.complete(a.renew(id));
      await world.advance(300);
    }
  }
  expect(lines(world, 'a', /took over/)).toEqual(['leases: info took over 3 registrations {"entries":3,"peer":"b"}']);
  const after = lines(world, 'a', /^/).slice(before);
  expect(after.filter((line) => !/took over|peer lost|cannot reach/.test(line))).toEqual([]);
});

it('says that it cut its history, at most once a minute', async () => {
  const world = await pair({ historySlack: 5 });
  for (let port = 1; port <= 100; port++) {
    const { id } = world.host('a').daemon!.register(address(port), { ttl: 4000 }).registration;
    await world.complete(world.host('a').daemon!.deregister(id));
  }
  await world.advance(10_000);
  const cuts = lines(world, 'a', /cut the history/);
  expect(world.host('a').daemon!.self!.holdings!.epoch).toBeGreaterThan(cuts.length);
  expect(cuts).toEqual([
    expect.stringMatching(
      /^documents: info cut the history of the holdings: a new epoch begins \{"epoch":\d,"entries":\d\}$/,
    ),
  ]);
});

it('says that it was suspended', async () => {
  const world = await pair();
  world.pause('b');
  await world.advance(5000);
  world.resume('b');
  await world.advance(5000);
  expect(lines(world, 'b', /away for longer/)).toEqual([
    expect.stringMatching(/^lifecycle: warn away .*going on as a new incarnation \{"pausedFor":\d+\}$/),
  ]);
});

it('says that another daemon has its name, and that it ends', async () => {
  const world = new World(1);
  await world.complete(world.start('a', { name: 'same' }));
  await world.advance(10_000);
  await world.complete(world.start('b', { name: 'same', peers: [world.host('a').url] }));
  await world.until(() => world.host('b').fatal !== undefined);
  expect(lines(world, 'b', /name/).at(-1)).toBe(
    `membership: error this daemon ends: its name is taken {"reason":"a daemon named 'same' is running at ${world.host('a').url} already: choose another --name"}`,
  );
  expect(lines(world, 'a', /name/)).toEqual([
    `membership: warn another daemon has this daemon's name {"peer":"${world.host('b').url}","generation":3}`,
  ]);
});

it('says once for each reason that it refused a peer, and that a peer refuses it', async () => {
  const world = new World(1);
  await world.complete(world.start('a'));
  await world.complete(world.start('b', { cluster: 'other', peers: [world.host('a').url] }));
  await world.advance(8000);
  const refusals = (host: string) => lines(world, host, /refused|reach/);
  expect(refusals('a')).toEqual([
    `peers: warn refused what a peer sent {"peer":"${world.host('b').url}","reason":"cluster 'other' does not go with this daemon's, 'test'"}`,
  ]);
  expect(refusals('b')).toEqual([expect.stringMatching(/^peers: warn cannot reach a configured peer /)]);
});

it('says that it has been cut off for too long to keep its view', async () => {
  const world = new World(1);
  const peers = ['a', 'b', 'c'].map((name) => world.host(name).url);
  for (const name of ['a', 'b', 'c']) await world.complete(world.start(name, { peers: peers, isolatedForMs: 30_000 }));
  await world.advance(12_000);
  world.partition(['a'], ['b', 'c']);
  await world.until(() => world.host('a').daemon!.stale);
  await world.until(() => !world.host('a').daemon!.stale);
  expect(lines(world, 'a', /cut off/)).toEqual([
    'membership: warn cut off: hears 0 of 2 other daemons, its view is stale {"hears":0,"of":2}',
    'membership: warn was cut off for too long (--isolated-for): now relies only on the daemons that it hears {"hears":0,"of":2}',
  ]);
});
