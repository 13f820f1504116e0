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
