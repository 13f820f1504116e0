import { describe, expect, it } from '@jest/globals';
import type { Daemon } from '../../../../../src/daemon/core/daemon.js';
import { InvalidError } from '../../../../../src/model/errors.js';
import { leastTtl, completeCheck, type CheckOptions } from '../../../../../src/model/check.js';
import { type Address, hostPort, type RegistrationOptions } from '../../../../../src/model/registration.js';
import { World } from '../../../../helpers/world.js';

const web = { app: 'web', version: '1.0.0', host: '10.0.0.1', port: 8080 };
const id = 'web/1.0.0/10.0.0.1/8080';
const instance = hostPort(web);
const check: CheckOptions = { http: '/healthz', interval: 1000, timeout: 500 };
const ttl = leastTtl(completeCheck(check));

const isOnline = (daemon: Daemon) => daemon.registration(id) !== undefined;
const whatHappened = (daemon: Daemon) =>
  daemon.events.since(`${daemon.events.runId}:0`)!.flatMap(({ event }) => {
    if ((event.type !== 'online' && event.type !== 'offline') || event.registration.app !== 'web') return [];
    return event.type === 'online' ? ['online'] : [[event.reason, event.detail].join()];
  });

interface BenchOptions {
  seed?: number;
  size?: number;
  options?: RegistrationOptions;
  address?: Address;
}

/** Daemons `a`, `b`, ... that know each other; the instance is registered at the first. */
async function bench({ seed = 1, size = 3, options = {}, address = web }: BenchOptions = {}) {
  const world = new World(seed);
  const probed: string[] = [];
  world.onProbe = ({ name }) => probed.push(name);
  const daemons: Daemon[] = [];
  for (const name of ['a', 'b', 'c', 'd', 'e'].slice(0, size))
    daemons.push(
      await world.complete(world.start(name, { peers: daemons.slice(0, 1).map((one) => one.settings.url) })),
    );
  world.instances.set(instance, 'healthy');
  daemons[0]!.register(address, { check, ...options });
  await world.until(() => daemons.every((one) => one.membership.live().length === size), 3000);
  await world.until(() => daemons.every(isOnline), 1000);
  const holders = () => daemons.filter((one) => one.status().counts.held > 0).map((one) => one.settings.name);
  return { world, daemons, probed, holders };
}

describe('a registration with a check', () => {
  it('stays online while its holder finds it healthy, and says so everywhere', async () => {
    const { world, daemons, probed, holders } = await bench();
    await world.advance(20_000);
    expect(daemons.map(whatHappened)).toEqual([['online'], ['online'], ['online']]);
    expect(holders()).toEqual(['a']);
    expect(new Set(probed)).toEqual(new Set(['a']));
    expect(probed.length).toBeGreaterThanOrEqual(19);
    expect(probed.length).toBeLessThanOrEqual(21);
    expect(daemons[2]!.registration(id)).toMatchObject({
      ttl,
      check: { http: '/healthz', interval: 1000, timeout: 500, fails: 3, passes: 1, deregisterAfter: 86_400_000 },
    });
  });

  it.each([
    ['refuses connections', undefined, 'ECONNREFUSED'],
    ['fails', 'failing', '503'],
    ['hangs', 'silent', 'no answer within 500 ms'],
  ] as const)('goes offline after three failures if it %s, and comes back as it was', async (_, health, detail) => {
    const { world, daemons } = await bench();
    const life = daemons[0]!.view.winner(id as never)!.entry.life;
    if (health) world.instances.set(instance, health);
    else world.instances.delete(instance);
    await world.advance(1900);
    expect(daemons.map(isOnline)).toEqual([true, true, true]);
    await world.advance(ttl - 1900 - 400);
    expect(daemons.map(whatHappened)).toEqual(Array(3).fill(['online', `unhealthy,${detail}`]));
    await world.advance(30_000);
    world.instances.set(instance, 'healthy');
    await world.advance(1100);
    expect(daemons.map(whatHappened)).toEqual(Array(3).fill(['online', `unhealthy,${detail}`, 'online']));
    expect(daemons[1]!.view.winner(id as never)!.entry.life).toBe(life);
  });

  it('is kept after ten failures, too: the times by which probes are late do not add up', async () => {
    const { world, daemons } = await bench({ options: { check: { ...check, interval: 1010, fails: 10 } } });
    world.instances.delete(instance);
    for (let busy = 0; busy < 100; busy++) {
      world.block('a');
      await world.advance(190);
      world.unblock('a');
      await world.advance(10);
    }
    expect(daemons.map(whatHappened)).toEqual(Array(3).fill(['online', 'unhealthy,ECONNREFUSED']));
  });

  it('is probed on if a probe takes as long as it is to the next one', async () => {
    const { world, daemons } = await bench({ options: { check: { tcp: true, interval: 1000, timeout: 1000 } } });
    world.instances.set(instance, 'silent');
    await world.advance(60_000);
    expect(daemons.map(whatHappened)).toEqual(Array(3).fill(['online', 'unhealthy,no answer within 1000 ms']));
    world.instances.set(instance, 'healthy');
    await world.advance(2500);
    expect(daemons.map(isOnline)).toEqual([true, true, true]);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'is kept if it goes down right after a split in which two daemons held it (seed %d)',
    async (seed) => {
      const { world, daemons } = await bench({ seed, size: 2 });
      world.partition(['a'], ['b']);
      await world.advance(15_000);
      world.heal();
      await world.advance(500 + 400 * seed);
      expect(daemons.map(isOnline)).toEqual([true, true]);
      world.instances.delete(instance);
      await world.advance(20_000);
      expect(daemons.map(isOnline)).toEqual([false, false]);
      world.instances.set(instance, 'healthy');
      await world.advance(3000);
      expect(daemons.map(whatHappened)).toEqual(Array(2).fill(['online', 'unhealthy,ECONNREFUSED', 'online']));
    },
  );

  it('is healthy once it has no check any more', async () => {
    const { world, daemons } = await bench();
    world.instances.delete(instance);
    await world.until(() => !isOnline(daemons[1]!), ttl);
    daemons[0]!.register(web, { check: null, ttl: 60_000 });
    await world.until(() => daemons.every(isOnline), 1000);
  });

  it('asks nothing of another instance at its address', async () => {
    const { daemons } = await bench({ options: { instance: 'first' } });
    const { outcome, registration } = daemons[0]!.register(web, { instance: 'second', ttl: 1000 });
    expect(outcome).toBe('registered');
    expect(registration).toMatchObject({ instance: 'second', ttl: 1000 });
    expect(registration).not.toHaveProperty('check');
  });

  it('needs as many passes in a row as it asks for', async () => {
    const { world, daemons } = await bench({ options: { check: { ...check, passes: 3 } } });
    world.instances.set(instance, 'failing');
    await world.until(() => !isOnline(daemons[1]!), ttl);
    world.instances.set(instance, 'healthy');
    expect(await world.until(() => isOnline(daemons[1]!), 4000)).toBeGreaterThan(2000);
  });

  it('bears fewer failures', async () => {
    const { world, daemons } = await bench();
    for (let round = 0; round < 5; round++) {
      world.instances.set(instance, 'failing');
      await world.advance(2000);
      world.instances.set(instance, 'healthy');
      await world.advance(1000);
    }
    expect(daemons.map(whatHappened)).toEqual(Array(3).fill(['online']));
  });

  it('ends when it has been unhealthy for as long as it asks for', async () => {
    const { world, daemons } = await bench({ options: { check: { ...check, deregisterAfter: 10_000 } } });
    world.instances.delete(instance);
    await world.advance(9000);
    const known = () => daemons.filter((one) => one.view.winner(id as never)).length;
    expect(known()).toBe(3);
    await world.advance(3000 + 1000 + ttl + 500);
    expect(known()).toBe(0);
    world.instances.set(instance, 'healthy');
    await world.advance(10_000);
    expect(daemons.map(isOnline)).toEqual([false, false, false]);
  });

  it('is probed no longer when it is deregistered, or its check is taken away', async () => {
    const { world, daemons, probed } = await bench();
    daemons[1]!.register(web, { check: null });
    await world.advance(100);
    probed.length = 0;
    await world.until(() => daemons.every((one) => !isOnline(one)), ttl + 500);
    daemons[2]!.register(web, { check });
    await world.advance(2000);
    expect(new Set(probed)).toEqual(new Set(['c']));
    await world.complete(daemons[0]!.deregister(id));
    probed.length = 0;
    await world.advance(5000);
    expect(probed).toEqual([]);
  });

  it('takes a changed check through any daemon', async () => {
    const { world, daemons, probed } = await bench();
    daemons[2]!.register(web, { check: { tcp: true, interval: 5000 } });
    await world.advance(200);
    expect(daemons.map((one) => one.registration(id)?.check?.interval)).toEqual([5000, 5000, 5000]);
    probed.length = 0;
    await world.advance(20_000);
    expect(probed.length).toBeLessThanOrEqual(5);
    expect(daemons.map(whatHappened)).toEqual(Array(3).fill(['online']));
  });

  it.each([
    ['a TTL that ends before its check has failed', web, { ttl: 4000, check }, "'ttl' must be at least 4500 ms"],
    ['an address that is not probed', { ...web, host: '169.254.169.254' }, { check }, "'check' is refused"],
  ])('is refused with %s', async (_, address, options, message) => {
    const { daemons } = await bench();
    expect(() => daemons[0]!.register(address, options)).toThrow(InvalidError);
    expect(() => daemons[0]!.register(address, options)).toThrow(message);
  });

  it('keeps its TTL at least as long as its check, whatever is asked for later', async () => {
    const { daemons } = await bench();
    expect(() => daemons[1]!.register(web, { ttl: 1000 })).toThrow("'ttl' must be at least 4500 ms");
    daemons[1]!.register(web, { ttl: 60_000 });
  });
});

describe('when the holder goes', () => {
  it.each(['crashes', 'stops', 'is paused'] as const)('nothing goes offline if it %s', async (how) => {
    for (let seed = 1; seed <= 3; seed++) {
      const { world, daemons, holders } = await bench({ seed });
      await world.advance(1000 * world.random());
      if (how === 'crashes') world.kill('a');
      else if (how === 'is paused') world.pause('a');
      else void daemons[0]!.stop();
      await world.advance(20_000);
      world.resume('a');
      await world.advance(10_000);
      expect(daemons.slice(1).map(whatHappened)).toEqual([['online'], ['online']]);
      expect(holders().filter((name) => name !== 'a')).toHaveLength(1);
    }
  });

  it('the next one takes it over if the first cannot reach it', async () => {
    for (const first of ['b', 'c'] as const) {
      const { world, daemons } = await bench();
      world.cut.add(`${first}>${instance}`);
      world.kill('a');
      await world.advance(30_000);
      expect(daemons.slice(1).map(whatHappened)).toEqual([['online'], ['online']]);
    }
  });

  it('an instance that ended with it goes offline in time, and is probed until it is back', async () => {
    for (let seed = 1; seed <= 3; seed++) {
      const { world, daemons } = await bench({ seed });
      world.instances.delete(instance);
      world.kill('a');
      const others = daemons.slice(1);
      await world.until(() => !others.some(isOnline), 2000 + ttl + 1000);
      await world.advance(60_000);
      expect(others.map(whatHappened)).toEqual(Array(2).fill(['online', 'unhealthy,ECONNREFUSED']));
      world.instances.set(instance, 'healthy');
      await world.until(() => others.every(isOnline), 1500);
    }
  });

  it('an unhealthy instance is probed by another one', async () => {
    const { world, daemons, holders } = await bench();
    world.instances.delete(instance);
    await world.until(() => !daemons.some(isOnline), ttl);
    void daemons[0]!.stop();
    await world.advance(30_000);
    expect(holders().filter((name) => name !== 'a')).toHaveLength(1);
    world.instances.set(instance, 'healthy');
    await world.until(() => daemons.slice(1).every(isOnline), 1500);
  });

  it('an instance at a loopback address is left to daemons of that machine', async () => {
    const address = { ...web, host: '127.0.0.1' };
    const world = new World(1);
    const a = await world.complete(world.start('a'));
    const b = await world.complete(world.start('b', { peers: [a.settings.url] }));
    world.instances.set('127.0.0.1:8080', 'healthy');
    a.register(address, { check });
    await world.advance(3000);
    world.kill('a');
    await world.advance(20_000);
    expect(b.registrations({ app: 'web' })).toEqual([]);
  });
});

describe('a split', () => {
  it('is not seen by watchers, whatever the sides hold meanwhile', async () => {
    for (let seed = 1; seed <= 3; seed++) {
      const { world, daemons } = await bench({ seed, size: 4 });
      world.partition(['a', 'b'], ['c', 'd']);
      await world.advance(20_000);
      world.heal();
      await world.advance(20_000);
      expect(daemons.map(whatHappened)).toEqual(Array(4).fill(['online']));
      expect(daemons.filter((one) => one.status().counts.held > 0)).toHaveLength(1);
    }
  });

  it('in which the holder cannot reach the instance ends it nowhere else', async () => {
    for (let seed = 1; seed <= 3; seed++) {
      const { world, daemons } = await bench({ seed });
      world.partition(['a'], ['b', 'c']);
      world.cut.add(`a>${instance}`);
      await world.advance(20_000);
      expect(isOnline(daemons[0]!)).toBe(false);
      world.heal();
      world.cut.add(`a>${instance}`);
      await world.advance(20_000);
      expect(daemons.slice(1).map(whatHappened)).toEqual([['online'], ['online']]);
      expect(isOnline(daemons[0]!)).toBe(true);
    }
  });

  it('in which only the holder reaches the instance ends it on the other side, and not at the holder', async () => {
    const { world, daemons } = await bench();
    world.partition(['a'], ['b', 'c']);
    for (const name of ['b', 'c']) world.cut.add(`${name}>${instance}`);
    await world.advance(20_000);
    expect(daemons.map(isOnline)).toEqual([true, false, false]);
    world.heal();
    await world.advance(20_000);
    expect(daemons.map(whatHappened)[0]).toEqual(['online']);
    expect(daemons.map(isOnline)).toEqual([true, true, true]);
  });
});

describe('a stalled holder', () => {
  it('takes no late answer for a failure', async () => {
    for (let seed = 1; seed <= 3; seed++) {
      const { world, daemons } = await bench({ seed, options: { check: { ...check, fails: 1 } } });
      let probes = 0;
      world.onProbe = () => {
        if (probes++ % 2 > 0) return;
        world.block('a');
        world.after(1200, () => world.unblock('a'));
      };
      await world.advance(20_000);
      expect(probes).toBeGreaterThan(10);
      expect(daemons.map(whatHappened)).toEqual(Array(3).fill(['online']));
    }
  });
});

describe('many checks', () => {
  it('are spread over the interval, and hanging ones do not keep healthy ones from being probed', async () => {
    const world = new World(1);
    const daemon = await world.complete(world.start('a'));
    const perTick = new Map<number, number>();
    world.onProbe = () => perTick.set(world.time, (perTick.get(world.time) ?? 0) + 1);
    for (let port = 1; port <= 1000; port++) {
      world.instances.set(`10.0.0.1:${port}`, port <= 600 ? 'silent' : 'healthy');
      daemon.register({ ...web, port }, { check: { ...check, timeout: 1000 } });
    }
    await world.advance(1100);
    const most = Math.max(...perTick.values());
    expect(most).toBeLessThanOrEqual(200);
    await world.advance(30_000);
    expect(daemon.registrations({ app: 'web' })).toHaveLength(400);
    const flapped = daemon.events
      .since(`${daemon.events.runId}:0`)!
      .flatMap(({ event }) => (event.type === 'offline' && event.registration.port > 600 ? [event] : []));
    expect(flapped).toEqual([]);
  });

  it('are kept while all fail, and come back', async () => {
    const world = new World(1);
    const daemon = await world.complete(world.start('a'));
    const ports = Array.from({ length: 1000 }, (_, index) => index + 1);
    for (const port of ports) {
      world.instances.set(`10.0.0.2:${port}`, 'healthy');
      daemon.register({ ...web, host: '10.0.0.2', port }, { check: { tcp: true, interval: 4000, timeout: 1000 } });
    }
    await world.advance(10_000);
    for (const port of ports) world.instances.set(`10.0.0.2:${port}`, 'silent');
    await world.advance(60_000);
    expect(daemon.status().counts).toMatchObject({ held: 1000, registrations: 1 });
    for (const port of ports) world.instances.set(`10.0.0.2:${port}`, 'healthy');
    await world.until(() => daemon.status().counts.registrations === 1001, 30_000);
  });

  it('that fail do not keep another one from passing again', async () => {
    const world = new World(1);
    const daemon = await world.complete(world.start('a'));
    for (let port = 1; port <= 300; port++) {
      world.instances.set(`10.0.0.2:${port}`, 'silent');
      const hanging = { tcp: true as const, interval: 30_000, timeout: 30_000, fails: 10 };
      daemon.register({ ...web, app: 'other', host: '10.0.0.2', port }, { check: hanging });
    }
    world.instances.set(instance, 'healthy');
    daemon.register(web, { check: { http: '/', interval: 2000, timeout: 1000 } });
    await world.advance(90_000);
    world.instances.set(instance, 'failing');
    await world.advance(2000);
    world.instances.set(instance, 'healthy');
    await world.advance(60_000);
    expect(whatHappened(daemon)).toEqual(['online']);
  });

  describe('that take 28 s each', () => {
    const slow: CheckOptions = { tcp: true, interval: 30_000, timeout: 30_000 };
    const patient: CheckOptions = { ...check, interval: 2000, timeout: 2000, fails: 1 };

    /** A daemon that probes 1,500 such instances of an app. */
    async function busyWith(app: string) {
      const world = new World(1);
      const daemon = await world.complete(world.start('a'));
      for (let port = 1; port <= 1500; port++) {
        world.instances.set(`10.0.0.2:${port}`, 'slow');
        daemon.register({ ...web, app, host: '10.0.0.2', port }, { check: slow });
      }
      await world.advance(40_000);
      return { world, daemon };
    }

    it.each([
      ['is not slow', check],
      ['may be slow', patient],
    ])('do not keep one of another app that %s from being probed', async (_, options) => {
      const { world, daemon } = await busyWith('other');
      world.instances.set(instance, 'healthy');
      daemon.register(web, { check: options });
      await world.advance(60_000);
      expect(whatHappened(daemon)).toEqual(['online']);
      world.instances.delete(instance);
      await world.until(() => !isOnline(daemon), 5000);
      expect(whatHappened(daemon)).toEqual(['online', 'unhealthy,ECONNREFUSED']);
    });

    it('keep one that waits for its first probe online for two TTLs at most', async () => {
      const { world, daemon } = await busyWith('web');
      daemon.register(web, { check: patient });
      const { ttl } = daemon.registration(id)!;
      await world.advance(1.5 * ttl);
      expect(isOnline(daemon)).toBe(true);
      await world.advance(0.5 * ttl + 500);
      expect(isOnline(daemon)).toBe(false);
    });
  });
});
