/** Instances that follow each other at one address, and what is said of the wrong one of them. */

import { describe, expect, it } from '@jest/globals';
import type { Daemon } from '../../../../src/daemon/core/daemon.js';
import { ReplacedError } from '../../../../src/model/errors.js';
import { World } from '../../../helpers/world.js';

const web = { app: 'web', version: '1', host: '10.0.0.1', port: 8080 };
const id = 'web/1/10.0.0.1/8080';

const instances = (daemons: readonly Daemon[]) =>
  daemons.map((daemon) =>
    daemon.registrations({ app: 'web' }).map(({ version, instance }) => `${version} ${instance}`),
  );

/** What was told of the app, as `TYPE VERSION INSTANCE REASON`. */
const told = (daemon: Daemon) =>
  daemon.events.since(`${daemon.events.runId}:0`)!.flatMap(({ event }) => {
    if (!('registration' in event) || event.registration.app !== 'web') return [];
    const { version, instance } = event.registration;
    return [[event.type, version, instance, 'reason' in event ? event.reason : ''].join(' ').trim()];
  });

async function bench(seed = 1) {
  const world = new World(seed);
  const daemons: Daemon[] = [];
  for (const name of ['a', 'b', 'c'])
    daemons.push(
      await world.complete(world.start(name, { peers: daemons.slice(0, 1).map((one) => one.settings.url) })),
    );
  await world.until(() => daemons.every((one) => one.membership.live().length === 3), 3000);
  const [a, b, c] = daemons as [Daemon, Daemon, Daemon];
  return { world, a, b, c, daemons };
}

describe('another instance at the address', () => {
  it('is told as the end of the one and the beginning of the other, everywhere', async () => {
    const { world, a, b, daemons } = await bench();
    a.register(web, { instance: 'old' });
    await world.advance(500);
    b.register(web, { instance: 'new' });
    await world.advance(500);
    expect(instances(daemons)).toEqual([['1 new'], ['1 new'], ['1 new']]);
    for (const daemon of daemons)
      expect(told(daemon)).toEqual(['online 1 old', 'offline 1 old replaced', 'online 1 new']);
  });

  it('is not ended, drained or renewed by what is said of the one before', async () => {
    const { world, a, b, c, daemons } = await bench();
    a.register(web, { instance: 'old' });
    await world.advance(500);
    b.register(web, { instance: 'new' });
    await world.advance(500);
    for (const daemon of daemons) {
      await expect(world.complete(daemon.deregister(id, 'old'))).rejects.toThrow(ReplacedError);
      const draining = daemon.setState(id, { draining: true }, 'old');
      await expect(world.complete(draining)).rejects.toMatchObject({ code: 'NOT_FOUND', replacedBy: id });
      await expect(world.complete(daemon.renew(id, 'old'))).rejects.toThrow(ReplacedError);
    }
    expect(instances(daemons)).toEqual([['1 new'], ['1 new'], ['1 new']]);
    expect(c.registration(id)).toMatchObject({ draining: false });
    await world.advance(4600);
    expect(instances(daemons)).toEqual([[], [], []]);
  });

  it('is not ended by a late goodbye at a daemon that has not heard of it yet', async () => {
    const { world, a, b, c, daemons } = await bench();
    a.register(web, { instance: 'old' });
    await world.advance(500);
    const goodbye = c.deregister(id, 'old');
    b.register(web, { instance: 'new' });
    await world.complete(goodbye.catch(() => undefined));
    await world.advance(500);
    expect(instances(daemons)).toEqual([['1 new'], ['1 new'], ['1 new']]);
  });

  it.each(['deregistered', 'expired'])(
    'leaves nothing of the one before, whose daemon was lost, when it is %s itself',
    async (reason) => {
      const { world, a, b, c } = await bench();
      a.register(web, { instance: 'old' });
      await world.advance(500);
      world.kill('a');
      b.register(web, { instance: 'new' });
      if (reason === 'deregistered') await world.complete(c.deregister(id, 'new'));
      await world.advance(10_000);
      for (const daemon of [b, c])
        expect(told(daemon)).toEqual([
          'online 1 old',
          'offline 1 old replaced',
          'online 1 new',
          `offline 1 new ${reason}`,
        ]);
    },
  );

  it('follows the one before after a split as well, however often that had changed', async () => {
    const { world, a, b, c, daemons } = await bench();
    a.register(web, { instance: 'old' });
    await world.advance(500);
    world.partition(['a'], ['b', 'c']);
    for (let n = 0; n < 3; n++) a.register(web, { instance: 'old', meta: { n } });
    b.register(web, { instance: 'new' });
    await world.advance(1000);
    world.heal();
    await world.advance(1000);
    for (let n = 0; n < 6; n++) {
      expect(await world.complete(c.renew(id, 'new'))).toBe(true);
      await world.advance(1000);
    }
    expect(instances(daemons)).toEqual([['1 new'], ['1 new'], ['1 new']]);
  });

  it('is renewed and ended by its own name, at any daemon', async () => {
    const { world, a, b, c, daemons } = await bench();
    a.register(web, { instance: 'it' });
    await world.advance(500);
    expect(await world.complete(b.renew(id, 'it'))).toBe(true);
    await world.complete(c.setState(id, { draining: true }, 'it'));
    expect(a.registration(id)).toMatchObject({ draining: true });
    await world.complete(c.deregister(id, 'it'));
    expect(instances(daemons)).toEqual([[], [], []]);
    expect(await world.complete(b.renew(id, 'it'))).toBe(false);
  });
});

describe('another version of the app at the address', () => {
  it('ends the one that was there in the same turn, everywhere', async () => {
    const { world, a, b, daemons } = await bench();
    a.register(web, { instance: 'i1' });
    await world.advance(500);
    b.register({ ...web, version: '2' }, { instance: 'i2' });
    expect(instances([b])).toEqual([['2 i2']]);
    await world.advance(500);
    expect(instances(daemons)).toEqual([['2 i2'], ['2 i2'], ['2 i2']]);
    for (const daemon of daemons) expect(told(daemon)).toEqual(['online 1 i1', 'offline 1 i1 replaced', 'online 2 i2']);
    await expect(world.complete(a.renew(id, 'i1'))).rejects.toMatchObject({
      replacedBy: 'web/2/10.0.0.1/8080',
    });
  });

  it('leaves other ports, hosts and apps alone', async () => {
    const { a } = await bench();
    a.register(web, {});
    a.register({ ...web, version: '2', port: 8081 }, {});
    a.register({ ...web, version: '2', host: '10.0.0.2' }, {});
    a.register({ ...web, version: '2', app: 'api' }, {});
    expect(a.registrations({ app: 'web' })).toHaveLength(3);
    expect(a.registrations({ app: 'api' })).toHaveLength(1);
  });

  it('is one after a split as well: all daemons keep the same one', async () => {
    for (let seed = 1; seed <= 10; seed++) {
      const { world, a, b, daemons } = await bench(seed);
      world.partition(['a'], ['b', 'c']);
      await world.advance(200);
      a.register({ ...web, version: '1' }, { ttl: 60_000 });
      b.register({ ...web, version: '2' }, { ttl: 60_000 });
      await world.advance(500);
      world.heal();
      for (let n = 0; n < 10; n++) {
        await world.complete(a.renew('web/1/10.0.0.1/8080'));
        await world.complete(b.renew('web/2/10.0.0.1/8080'));
        await world.advance(1000);
      }
      const [first, ...others] = instances(daemons);
      expect(first).toHaveLength(1);
      expect(others).toEqual([first, first]);
    }
  });
});

it('that takes an address whose daemon is lost ends what that daemon comes back with', async () => {
  const { world, a, b, c, daemons } = await bench();
  const renewAtA = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 500) {
      await world.advance(500);
      await world.complete(a.renew(id));
    }
  };
  a.register(web, { ttl: 2000 });
  await world.advance(500);
  world.partition(['a'], ['b', 'c']);
  await renewAtA(6000);
  expect(told(b)).toEqual(['online 1', 'offline 1  daemon-lost']);
  b.register({ ...web, version: '2' }, { ttl: 60_000 });
  await world.advance(300);
  world.heal();
  await world.until(() => a.membership.live().length === 3, 10_000);
  await world.advance(1000);
  expect(instances(daemons)).toEqual(Array(3).fill(['2 undefined']));
  for (const daemon of [b, c]) expect(told(daemon)).toEqual(['online 1', 'offline 1  daemon-lost', 'online 2']);
});

it('that registered during a split outlives the one before it, which had changed more often', async () => {
  const { world, a, b, daemons } = await bench();
  for (let n = 0; n < 3; n++) {
    a.register(web, { meta: { n } });
    await world.advance(1100);
  }
  // Nobody renews version 1 any more; version 2 takes its address where nobody knows of it yet.
  world.partition(['a'], ['b', 'c']);
  await world.advance(4600);
  a.register(web, { meta: { n: 9 } });
  b.register({ ...web, version: '2' }, {});
  await world.advance(300);
  world.heal();
  for (let n = 0; n < 6; n++) {
    await world.advance(1000);
    expect(await world.complete(b.renew('web/2/10.0.0.1/8080'))).toBe(true);
  }
  expect(instances(daemons)).toEqual(Array(3).fill(['2 undefined']));
  for (const daemon of daemons) expect(told(daemon)).not.toContain('offline 2  replaced');
});

describe('an unhealthy instance', () => {
  const reports = (daemon: Daemon) =>
    daemon.events.since(`${daemon.events.runId}:0`)!.flatMap(({ event }) => {
      if (!('registration' in event) || event.registration.app !== 'web') return [];
      return [[event.type, ...('detail' in event ? [event.reason, event.detail] : [])].join(' ')];
    });

  it.each(['a', 'b'] as const)(
    'is offline everywhere while it is renewed, and comes back as the same one (told to daemon %s)',
    async (name) => {
      const { world, daemons, ...rest } = await bench();
      rest.a.register(web, { instance: 'it', meta: { zone: 'b' } });
      await world.advance(1500);
      rest[name].register(web, { instance: 'it', unhealthy: 'tcp: refused' });
      await world.advance(500);
      expect(instances(daemons)).toEqual([[], [], []]);
      expect(daemons.map((daemon) => daemon.registration(id))).toEqual([undefined, undefined, undefined]);
      for (let n = 0; n < 6; n++) {
        expect(await world.complete(rest.c.renew(id, 'it'))).toBe(true);
        await world.advance(1300);
      }
      rest[name].register(web, { instance: 'it', unhealthy: null });
      await world.advance(500);
      expect(instances(daemons)).toEqual([['1 it'], ['1 it'], ['1 it']]);
      expect(rest.c.registration(id)).toMatchObject({ meta: { zone: 'b' } });
      for (const daemon of daemons)
        expect(reports(daemon)).toEqual(['online', 'offline unhealthy tcp: refused', 'online']);
    },
  );

  it('stays drained', async () => {
    const { world, a, b, daemons } = await bench();
    a.register(web, { instance: 'it' });
    await world.advance(500);
    await world.complete(b.setState(id, { draining: true, reason: 'kernel' }));
    a.register(web, { instance: 'it', unhealthy: 'down' });
    await world.advance(500);
    for (let n = 0; n < 20; n++) {
      await world.complete(b.renew(id, 'it'));
      await world.advance(1300);
    }
    a.register(web, { instance: 'it', unhealthy: null });
    await world.advance(1500);
    for (const daemon of daemons) expect(daemon.registration(id)).toMatchObject({ drainReason: 'kernel' });
  });

  it('is drained or deregistered while it is offline, and is not told twice when it ends', async () => {
    const { world, a, b, daemons } = await bench();
    a.register(web, { instance: 'it' });
    await world.advance(1500);
    a.register(web, { instance: 'it', unhealthy: 'down' });
    await world.advance(500);
    await world.complete(b.setState(id, { draining: true }));
    await world.complete(b.deregister(id));
    for (const daemon of daemons) expect(reports(daemon)).toEqual(['online', 'offline unhealthy down']);
    expect(await world.complete(a.renew(id))).toBe(false);
  });

  it('that is registered for the first time does not come online', async () => {
    const { world, a, daemons } = await bench();
    a.register(web, { instance: 'it', unhealthy: 'down' });
    await world.advance(500);
    expect(instances(daemons)).toEqual([[], [], []]);
    for (const daemon of daemons) expect(reports(daemon)).toEqual([]);
  });
});

describe('the reason', () => {
  const daemonsGone = (daemon: Daemon) =>
    daemon.events
      .since(`${daemon.events.runId}:0`)!
      .flatMap(({ event }) => (event.type === 'offline' && event.registration.app === 'bender' ? [event.reason] : []));

  it('is daemon-lost for a daemon that crashed, and deregistered for one that left', async () => {
    const { world, a, b } = await bench();
    world.kill('c');
    await world.advance(6000);
    expect(daemonsGone(a)).toEqual(['daemon-lost']);
    await world.complete(b.stop());
    await world.advance(3000);
    expect(daemonsGone(a)).toEqual(['daemon-lost', 'deregistered']);
  });

  it("is expired where a lost daemon's copy lasts longer than the lease of the one that was renewed last", async () => {
    const { world, a, b, c } = await bench();
    a.register(web, {});
    await world.advance(1000);
    world.kill('a');
    await world.complete(c.renew(id));
    await world.advance(12_000);
    for (const daemon of [b, c]) expect(told(daemon).at(-1)).toMatch(/^offline 1 +expired$/);
  });

  it('is daemon-lost if the last renewals went to the daemon that was lost, although others held it before', async () => {
    const { world, a, b, c } = await bench();
    a.register(web, {});
    await world.advance(1000);
    world.partition(['a'], ['c']);
    await world.complete(c.renew(id));
    await world.advance(1000);
    world.heal();
    for (let n = 0; n < 3; n++) {
      await world.advance(1000);
      await world.complete(a.renew(id));
    }
    world.kill('a');
    await world.advance(12_000);
    for (const daemon of [b, c]) expect(told(daemon).at(-1)).toMatch(/^offline 1 +daemon-lost$/);
  });

  it('is expired where the copy of a lost daemon has lapsed before', async () => {
    const { world, a, c } = await bench();
    a.register(web, {});
    await world.advance(500);
    world.kill('a');
    for (let n = 0; n < 4; n++) {
      await world.complete(c.renew(id));
      await world.advance(1300);
    }
    await world.advance(4600);
    expect(told(c).at(-1)).toMatch(/^offline 1 +expired$/);
  });
});
