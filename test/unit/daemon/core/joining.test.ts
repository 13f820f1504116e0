import type { Daemon } from '../../../../src/daemon/core/daemon.js';
import { World } from '../../../helpers/world.js';

const web = { app: 'web', version: '1.0.0', host: '10.0.0.1', port: 8080 };
const id = 'web/1.0.0/10.0.0.1/8080';
const ids = (daemon: Daemon) => daemon.registrations({ app: 'web' }).map((one) => one.id);

async function two(seed = 1): Promise<{ world: World; a: Daemon; b: Daemon }> {
  const world = new World(seed);
  const a = await world.complete(world.start('a'));
  const b = await world.complete(world.start('b', { peers: [a.settings.url] }));
  await world.until(() => [a, b].every((one) => one.daemons().length === 2), 2000);
  return { world, a, b };
}

it('a daemon that joins sees the orphans of one that was lost long before, for the same time as the others', async () => {
  const { world, a, b } = await two();
  b.register(web, { ttl: 60_000 });
  await world.advance(500);
  world.kill('b');
  await world.advance(25_000);
  expect(ids(a)).toEqual([id]);
  const c = await world.complete(world.start('c', { peers: [a.settings.url] }));
  expect(ids(c)).toEqual([id]);
  const went: number[] = [];
  while (went.length < 2) {
    await world.advance(10);
    for (const [index, one] of [a, c].entries()) if (ids(one).length === 0) went[index] ??= world.time;
    if (world.time > 200_000) throw new Error('it never went');
  }
  expect(Math.abs(went[0]! - went[1]!)).toBeLessThanOrEqual(100);
});

it('a daemon that others find first takes over nothing of one that was lost long before', async () => {
  for (let seed = 1; seed <= 10; seed++) {
    const world = new World(seed);
    const a = await world.complete(world.start('a', { peers: ['http://c.example:1729'] }));
    const b = await world.complete(world.start('b', { peers: [a.settings.url] }));
    b.register(web, { ttl: 4000 });
    await world.advance(500);
    world.kill('b');
    await world.until(() => ids(a).length === 0, 20_000);
    // It is called by `a`, which it knows nothing of, and so does not believe what that says of others.
    const c = await world.complete(world.start('c'));
    await world.until(() => c.daemons().length >= 2, 10_000);
    await world.advance(2000);
    const told = c.events.since(`${c.events.runId}:0`)!.map(({ event }) => event);
    expect(told.filter((event) => 'registration' in event && event.registration.id === id)).toEqual([]);
  }
});

it('daemons that forget a third one at different times do not talk more for it', async () => {
  const { world, a, b } = await two();
  const c = await world.complete(world.start('c', { peers: [a.settings.url] }));
  c.register(web, {});
  // Only `a` has ever seen this, and so remembers for longer.
  await world.advance(500);
  world.partition(['b'], ['a', 'c']);
  c.register({ ...web, port: 8081 }, { ttl: 30_000 });
  await world.advance(200);
  world.kill('c');
  await world.advance(300);
  world.heal();
  let before = 0;
  for (let second = 0; second < 60; second++) {
    before = world.messages;
    await world.advance(1000);
    expect([second, world.messages - before < 60]).toEqual([second, true]);
  }
  expect([a, b].map(ids)).toEqual([[], []]);
});

it('a daemon whose exchange is lost in the middle of joining tries again at once', async () => {
  const world = new World(1);
  const a = await world.complete(world.start('a'));
  a.register(web, {});
  await world.advance(1000);
  let sent = 0;
  // The request that asks for what the first answer has listed.
  world.onMessage = () => (world.network.loss = ++sent === 3 ? 1 : 0);
  const begun = world.time;
  const b = await world.complete(world.start('b', { peers: [a.settings.url] }));
  expect(world.time - begun).toBeLessThan(2000);
  expect([b.synced, ids(b)]).toEqual([true, [id]]);
});

it('a daemon that joins waits for a peer that is there and busy', async () => {
  const world = new World(1);
  const a = await world.complete(world.start('a'));
  a.register(web, {});
  await world.advance(1000);
  world.pause('a');
  const joining = world.start('b', { peers: [a.settings.url] }).then((b) => [b.synced, ids(b)]);
  await world.advance(1500);
  world.resume('a');
  expect(await world.complete(joining)).toEqual([true, [id]]);
});

it('a daemon that joins goes on where a peer becomes busy', async () => {
  const world = new World(1);
  const a = await world.complete(world.start('a'));
  a.register(web, {});
  await world.advance(1000);
  let sent = 0;
  // Before the request that asks for what the first answer has listed.
  world.onMessage = () => ++sent === 3 && world.pause('a');
  const joining = world.start('b', { peers: [a.settings.url] }).then((b) => [b.synced, ids(b)]);
  await world.advance(1500);
  world.resume('a');
  expect(await world.complete(joining)).toEqual([true, [id]]);
});

it('a daemon that joins waits for a peer that never answers no longer than for one that is lost', async () => {
  const world = new World(1);
  const a = await world.complete(world.start('a'));
  await world.advance(1000);
  world.pause('a');
  const begun = world.time;
  const b = await world.complete(world.start('b', { peers: [a.settings.url] }));
  expect(b.synced).toBe(false);
  expect(world.time - begun).toBeLessThanOrEqual(b.settings.peerTimeoutMs * 1.2 + 10);
});

it.each(['is not there', 'refuses', 'cannot be reached'])(
  'a daemon whose peer %s starts within half a second',
  async (how) => {
    const world = new World(1);
    const a = await world.complete(world.start('a', how === 'refuses' ? { cluster: 'other' } : {}));
    await world.advance(1000);
    if (how === 'is not there') world.kill('a');
    if (how === 'cannot be reached') world.partition(['a'], ['b']);
    const begun = world.time;
    await world.complete(world.start('b', { peers: [a.settings.url] }));
    expect(world.time - begun).toBeLessThanOrEqual(500);
  },
);

it('a daemon that joins has everything, however long it takes to fetch a catalog with a long history', async () => {
  const world = new World(1);
  const a = await world.complete(world.start('a'));
  a.register(web, { ttl: 3_600_000 });
  a.catalog.backends.create({ name: 'web', app: 'web', version: '1.0.0' }, 'somebody');
  for (let edit = 1; edit <= 2000; edit++)
    a.catalog.backends.update('web', { version: `${edit}.0.0` }, 'somebody', { atLeast: 0 });
  await world.advance(1000);
  let sent = 0;
  // Slow as if each piece took long to apply.
  world.onMessage = () => {
    if (++sent === 2) world.network = { ...world.network, delay: [5000, 5000] };
  };
  const joining = world.start('b', { peers: [a.settings.url], peerTimeoutMs: 60_000 });
  await world.advance(20_000);
  // Nobody is to take what it has so far for all there is.
  expect(world.host('b').daemon!.synced).toBe(false);
  const b = await world.complete(joining, 200_000);
  expect(world.time).toBeGreaterThan(40_000);
  expect([b.synced, ids(b), b.catalog.backends.get('web').version]).toEqual([true, [id], '2000.0.0']);
});

it('a daemon that joins believes no peer that has started into nothing itself', async () => {
  const { world, a } = await two();
  a.register(web, {});
  await world.advance(1000);
  const alone = await world.complete(world.start('x', { peers: ['http://nobody.example:1'] }));
  expect(alone.synced).toBe(false);
  // The one that knows takes longer to answer.
  world.pause('a');
  world.after(300, () => world.resume('a'));
  const c = await world.complete(world.start('c', { peers: [alone.settings.url, a.settings.url] }));
  expect([c.synced, ids(c)]).toEqual([true, [id]]);
});

it('a daemon that starts alone is not ready before its clients had a TTL to be heard, nor is one that joins it', async () => {
  const world = new World(1);
  const a = await world.complete(world.start('a'));
  await world.advance(2000);
  const b = await world.complete(world.start('b', { peers: [a.settings.url] }));
  expect([a.ready, b.ready]).toEqual([false, false]);
  await world.advance(1700);
  expect([a.ready, b.ready]).toEqual([false, false]);
  await world.advance(800);
  expect([a.ready, b.ready]).toEqual([true, true]);
});
