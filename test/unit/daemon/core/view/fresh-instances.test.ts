/** Warm-ups of backends, as each daemon sees them. */

import { beforeEach, expect, it } from '@jest/globals';
import type { Daemon } from '../../../../../src/daemon/core/daemon.js';
import { World } from '../../../../helpers/world.js';

const warmupMs = 9000;
const pool = { app: 'web', warmupMs };
const at = (host: string, version = '1.0.0') => ({ app: 'web', version, host, port: 80 });
const quarters = (daemon: Daemon) =>
  Object.fromEntries([...daemon.fresh(pool)].map(([id, quarters]): [string, number] => [id.split('/')[2]!, quarters]));

let world: World;
let a: Daemon;
let b: Daemon;
beforeEach(async () => {
  world = new World(1, { delay: [1, 1] });
  a = await world.complete(world.start('a', { warmForMs: 0 }));
  b = await world.complete(world.start('b', { peers: [a.settings.url], warmForMs: 0 }));
  await world.until(() => [a, b].every((one) => one.membership.live().length === 2 && one.ready), 10_000);
  a.register(at('early'), { ttl: 600_000 });
  a.catalog.backends.create({ name: 'web', app: 'web', version: '^1', warmupMs }, 'test');
  await world.until(() => b.registrations({ app: 'web' }).length === 1 && b.catalog.backends.list().length === 1);
});

it('are of what came online after the warm-up was set, at every daemon that saw it', async () => {
  a.register(at('late'), { ttl: 600_000 });
  expect(quarters(a)).toEqual({ late: 1 });
  await world.until(() => b.registrations({ app: 'web' }).length === 2);
  expect(quarters(b)).toEqual({ late: 1 });
  for (const expected of [{ late: 2 }, { late: 3 }, {}]) {
    await world.advance(warmupMs / 3);
    expect([quarters(a), quarters(b)]).toEqual([expected, expected]);
  }
});

it('change the stamp with each step, and only then', async () => {
  a.register(at('late'), { ttl: 600_000 });
  await world.advance(100);
  const stamps = () => [a.stamp({ app: 'web' }), a.stamp({ app: 'web', version: '1.0.0' }), a.stamp({})];
  const last = a.events.lastId;
  let [seen, changes] = [stamps(), 0];
  for (let n = 0; n < 100; n++) {
    await world.advance(100);
    const now = stamps();
    if (now[0] === seen[0]) expect(now).toEqual(seen);
    else {
      changes++;
      for (const [index, stamp] of now.entries()) expect(stamp).not.toBe(seen[index]);
    }
    seen = now;
  }
  expect(changes).toBe(3);
  // A step is no event.
  expect(a.events.lastId).toBe(last);
});

it('leave out what drains, is unhealthy or ends, and begin anew with what comes back', async () => {
  for (const host of ['x', 'y', 'z']) a.register(at(host), { ttl: 600_000 });
  await world.advance(warmupMs / 3);
  const id = (host: string) => `web/1.0.0/${host}/80`;
  await world.complete(a.setState(id('x'), { draining: true }));
  await world.complete(a.setHealth(id('y'), 'ill'));
  expect(quarters(a)).toEqual({ z: 2 });
  await world.complete(a.setState(id('x'), { draining: false }));
  await world.complete(a.setHealth(id('y'), null));
  await world.complete(a.deregister(id('z')));
  expect(quarters(a)).toEqual({ x: 2, y: 1 });
});

it('take for warm what was online before the daemon that answers', async () => {
  a.register(at('late'), { ttl: 600_000 });
  await world.advance(100);
  const c = await world.complete(world.start('c', { peers: [a.settings.url], warmForMs: 0 }));
  await world.until(() => c.registrations({ app: 'web' }).length === 2 && c.ready, 10_000);
  expect(quarters(c)).toEqual({});
  expect(quarters(a)).toEqual({ late: 1 });
  a.register(at('later'), { ttl: 600_000 });
  await world.until(() => c.registrations({ app: 'web' }).length === 3);
  expect(quarters(c)).toEqual({ later: 1 });
});

it('cost nothing where no backend has one, and end when it is removed', async () => {
  a.catalog.backends.update('web', { warmupMs: null }, 'test');
  a.register(at('late'), { ttl: 600_000 });
  expect(quarters(a)).toEqual({});
  const stamp = a.stamp({ app: 'web' });
  await world.advance(warmupMs);
  expect(a.stamp({ app: 'web' })).toBe(stamp);
});

it('step three times for 10,000 that come online together', async () => {
  for (let n = 0; n < 10_000; n++) a.register({ ...at('10.0.0.1'), port: n + 1 }, { ttl: 600_000 });
  expect(a.fresh(pool).size).toBe(10_000);
  const stamps = new Set<string>();
  for (let n = 0; n < 40; n++) {
    await world.advance(warmupMs / 32);
    stamps.add(a.stamp({ app: 'web' }));
  }
  expect(stamps.size).toBe(1 + 3);
  expect(a.fresh(pool).size).toBe(0);
});

it('end with a change of the stamp, since the same warm-up may be set again', async () => {
  a.register(at('late'), { ttl: 600_000 });
  await world.advance(100);
  const [stamp, other] = [a.stamp({ app: 'web' }), a.stamp({ app: 'other' })];
  expect(quarters(a)).toEqual({ late: 1 });
  a.catalog.backends.update('web', { warmupMs: null }, 'test');
  a.catalog.backends.rollback('web', 'test');
  expect(quarters(a)).toEqual({});
  expect(a.stamp({ app: 'web' })).not.toBe(stamp);
  expect(a.stamp({ app: 'other' })).toBe(other);
});
