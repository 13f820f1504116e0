/** What a daemon's log says of the others, in a virtual cluster. */

import { expect, it } from '@jest/globals';
import { World } from '../../../../helpers/world.js';

/** The lines of a host's log on others, without their fields. */
const news = (world: World, host: string): string[] =>
  world
    .host(host)
    .logged.map((line) => line.replace(/ \{.*$/, ''))
    .filter((line) => /peer|cluster|cut off/.test(line) && !line.includes('configured'));

async function cluster(seed: number, ...names: string[]): Promise<World> {
  const world = new World(seed);
  const [first] = names;
  for (const name of names)
    await world.complete(world.start(name, { peers: name === first ? [] : [world.host(first!).url] }));
  await world.advance(12_000);
  return world;
}

it('says which peers joined, were lost, are back and left, each once', async () => {
  const world = await cluster(1, 'a', 'b');
  expect(news(world, 'a')).toEqual(['info peer joined']);
  expect(news(world, 'b')).toEqual(['info joined a cluster of 2 daemons']);
  world.kill('b');
  await world.advance(10_000);
  await world.complete(world.start('b', { peers: [world.host('a').url] }));
  await world.advance(10_000);
  await world.complete(world.host('b').daemon!.stop());
  world.kill('b');
  await world.advance(30_000);
  expect(news(world, 'a')).toEqual(['info peer joined', 'info peer lost', 'info peer back', 'info peer left']);
  expect(world.host('a').logged).toContain('info peer lost {"peer":"b","url":"http://b.example:1729"}');
});

it('says that one restarted before it was missed, and nothing of its former self', async () => {
  const world = await cluster(2, 'a', 'b');
  world.kill('b');
  await world.complete(world.start('b', { peers: [world.host('a').url] }));
  await world.advance(10_000);
  expect(news(world, 'a')).toEqual(['info peer joined', 'info peer restarted']);
});

it('says nothing new while services register, renew and go', async () => {
  const world = await cluster(3, 'a', 'b');
  const before = news(world, 'a');
  const address = { app: 'web', version: '1', host: '10.0.0.5', port: 80 };
  for (let count = 0; count < 30; count++) {
    world.host('b').daemon!.register(address, { ttl: 4000 });
    await world.advance(1000);
  }
  await world.advance(10_000);
  expect(news(world, 'a')).toEqual(before);
});

it('says that it is cut off, and when it is no longer', async () => {
  const world = await cluster(4, 'a', 'b', 'c');
  world.partition(['a'], ['b', 'c']);
  await world.until(() => world.host('a').daemon!.stale);
  expect(news(world, 'a')).toContain('warn cut off: hears 0 of 2 other daemons, its view is stale');
  expect(news(world, 'b').join()).not.toContain('cut off');
  await world.advance(20_000);
  world.heal();
  await world.until(() => !world.host('a').daemon!.stale);
  expect(news(world, 'a').filter((line) => line.includes('cut off'))).toEqual([
    'warn cut off: hears 0 of 2 other daemons, its view is stale',
    'info no longer cut off: hears 2 of 2 other daemons',
  ]);
  expect(news(world, 'a').filter((line) => line === 'info peer back')).toHaveLength(2);
});

it('is not flooded by one that comes and goes', async () => {
  const world = await cluster(5, 'a', 'b');
  for (let count = 0; count < 30; count++) {
    world.partition(['a'], ['b']);
    await world.advance(3000);
    world.heal();
    await world.advance(3000);
  }
  const lines = news(world, 'a');
  // Three minutes, six lines and a last word in each.
  expect(lines.length).toBeLessThanOrEqual(4 * 7);
  expect(lines).toContain('warn this peer comes and goes: it is not logged again for a minute');
});
