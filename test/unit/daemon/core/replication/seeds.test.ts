/** Peers whose name stands for several addresses, one's own among them. */

import { expect, it } from '@jest/globals';
import type { DaemonSettings } from '../../../../../src/daemon/core/runtime.js';
import { World } from '../../../../helpers/world.js';

const all = 'http://all.example:1729';

/** glibc sorts an address of the machine itself first. */
const ownFirst =
  (...hosts: string[]) =>
  (asker: string): string[] => [asker, ...hosts.filter((host) => host !== asker)];

const live = (world: World, host: string): string[] =>
  (world.host(host).daemon?.daemons() ?? []).filter(({ state }) => state === 'online').map(({ name }) => name);

function start(world: World, settings: Partial<DaemonSettings>, ...hosts: string[]): void {
  for (const host of hosts) void world.start(host, settings);
}

const warnings = (world: World, host: string): string[] =>
  world.host(host).logged.filter((line) => line.startsWith('warn'));

it('finds the others by a name that leads to itself first', async () => {
  const world = new World(1);
  world.names.set('all.example', ownFirst('a', 'b', 'c'));
  start(world, { peers: [all] }, 'a', 'b', 'c');
  await world.until(() => ['a', 'b', 'c'].every((host) => live(world, host).length === 3), 5000);
});

it('finds others that the name stands for only later', async () => {
  const world = new World(2);
  const known: string[] = [];
  world.names.set('all.example', (asker) => ownFirst(...known)(asker));
  for (const host of ['a', 'b', 'c']) start(world, { peers: [all] }, host);
  await world.advance(3000);
  expect(live(world, 'a')).toEqual(['a']);
  known.push('a', 'b', 'c');
  await world.until(() => ['a', 'b', 'c'].every((host) => live(world, host).length === 3), 5000);
});

it('joins two clusters that the name did not show to each other at first', async () => {
  const world = new World(3);
  let isWhole = false;
  const sides = [
    ['a', 'b'],
    ['c', 'd'],
  ];
  world.names.set('all.example', (asker) =>
    ownFirst(...(isWhole ? sides.flat() : sides.find((side) => side.includes(asker))!))(asker),
  );
  start(world, { peers: [all] }, 'a', 'b', 'c', 'd');
  await world.advance(20_000);
  expect(live(world, 'a')).toEqual(['a', 'b']);
  isWhole = true;
  await world.until(() => ['a', 'b', 'c', 'd'].every((host) => live(world, host).length === 4), 20_000);
});

it('goes on with what the name stood for when it cannot be looked up', async () => {
  const world = new World(4);
  let isThere = true;
  world.names.set('all.example', (asker) => (isThere ? ownFirst('a', 'b')(asker) : []));
  start(world, { peers: [all] }, 'a');
  await world.advance(5000);
  isThere = false;
  start(world, { peers: [world.host('a').url] }, 'b');
  await world.until(() => live(world, 'a').length === 2, 5000);
});

it('keeps trying an address that leads to itself, behind which there may be others', async () => {
  const world = new World(5);
  let turn = 0;
  world.names.set('all.example', () => [['a', 'b', 'c'][turn++ % 3]!]);
  start(world, { peers: [all] }, 'a', 'b', 'c');
  await world.until(() => ['a', 'b', 'c'].every((host) => live(world, host).length === 3), 20_000);
});

it('says that a peer leads to itself, if that lasts and nobody else is there', async () => {
  const world = new World(6);
  const a = await world.complete(world.start('a', { peers: [world.host('a').url] }));
  await world.advance(1500);
  expect(warnings(world, 'a')).toEqual([]);
  await world.advance(3000);
  expect(warnings(world, 'a')).toEqual([expect.stringContaining('"reason":"it leads to this daemon itself"')]);
  expect(a.status().peers).toEqual([
    { url: a.settings.url, reached: false, self: true, reason: 'it leads to this daemon itself' },
  ]);
  await world.advance(660_000);
  expect(warnings(world, 'a')).toHaveLength(4);
});

it('says nothing of itself in a list of peers that all daemons share', async () => {
  const world = new World(7);
  const peers = ['a', 'b'].map((host) => world.host(host).url);
  start(world, { peers }, 'a', 'b');
  await world.until(() => live(world, 'a').length === 2, 5000);
  await world.advance(100_000);
  expect(warnings(world, 'a').filter((line) => line.includes('itself'))).toEqual([]);
  expect(world.host('a').daemon!.status().peers).toContainEqual({
    url: peers[0],
    reached: false,
    self: true,
  });
});

it('names the reason when a name stands for nothing', async () => {
  const world = new World(8);
  world.names.set('all.example', () => []);
  const a = await world.complete(world.start('a', { peers: [all] }));
  await world.advance(2000);
  expect(a.status().peers).toEqual([{ url: all, reached: false, reason: 'getaddrinfo ENOTFOUND all.example' }]);
  expect(warnings(world, 'a')).toHaveLength(1);
});

it('says nothing of addresses that fail while another one of the name is reached', async () => {
  const world = new World(9);
  world.names.set('all.example', () => ['nowhere', 'b', 'elsewhere']);
  await world.complete(world.start('b'));
  await world.complete(world.start('a', { peers: [all] }));
  await world.advance(60_000);
  expect(live(world, 'a')).toEqual(['a', 'b']);
  expect(warnings(world, 'a')).toEqual([]);
  expect(world.host('a').daemon!.status().peers).toEqual([{ url: all, reached: true, addresses: 3 }]);
});

it('exchanges with a member where it advertises, and not by its name as well', async () => {
  const world = new World(10);
  world.names.set('all.example', ownFirst('a', 'b'));
  start(world, { peers: [all] }, 'a', 'b');
  await world.until(() => live(world, 'a').length === 2, 5000);
  await world.advance(5000);
  const before = world.messages;
  await world.advance(10_000);
  // Two requests and two answers at each heartbeat, and little more.
  expect(world.messages - before).toBeLessThan(4 * 25 * 1.2);
});

it('logs a bug in looking up a name, and looks it up again', async () => {
  const world = new World(7);
  const found = ownFirst('a', 'b');
  world.names.set('all.example', found);
  start(world, { peers: [all] }, 'a');
  await world.advance(5000);
  world.names.set('all.example', () => ({ length: 1 }) as never);
  await world.advance(20_000);
  const bugs = world.host('a').logged.filter((line) => line.startsWith('error looking up configured peers failed'));
  expect(bugs.length).toBeGreaterThan(0);
  world.names.set('all.example', found);
  start(world, { peers: [all] }, 'b');
  await world.until(() => live(world, 'a').length === 2, 20_000);
});
