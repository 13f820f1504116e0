import { describe, expect, it } from '@jest/globals';
import { bench, drain, drainingAt, id, shown, updates, web } from '../../../helpers/drained.js';

describe('a drain', () => {
  it.each(['a', 'b'] as const)('through daemon %s is on all when it is answered', async (name) => {
    const { world, daemons, set, ...rest } = await bench();
    expect(await set(rest[name], drain)).toMatchObject({ id, draining: true, drainReason: 'deploy' });
    expect(drainingAt(daemons)).toEqual([true, true, true]);
    await rest.renewing(rest.c, 6000);
    expect(drainingAt(daemons)).toEqual([true, true, true]);
    for (const daemon of daemons) expect(updates(daemon)).toEqual([[true, 'deploy', { draining: false }]]);
    // The holder is the same as before, and the only one.
    expect(daemons.map((one) => one.status().counts.held)).toEqual([1, 0, 0]);
    await set(rest.c, { draining: false });
    await world.advance(2000);
    expect(drainingAt(daemons)).toEqual([false, false, false]);
  });

  it('meets updates of the instance at any daemon, and neither undoes the other', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { world, b, c, daemons, renewing } = await bench(seed);
      for (let n = 0; n <= 5; n++) {
        c.register(web, { meta: { n } });
        if (n === 2) void b.setState(id, drain);
        await world.advance(30 * world.random());
      }
      await renewing(c, 2500);
      expect(daemons.map((one) => [shown(one)?.draining, shown(one)?.meta])).toEqual(Array(3).fill([true, { n: 5 }]));
    }
  });

  it('ends with the last of several updates within a second, through daemons that do not hold it', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { world, b, c, daemons, renewing } = await bench(seed);
      for (const [daemon, n] of [
        [b, 1],
        [c, 2],
        [b, 1],
      ] as const) {
        daemon.register(web, { meta: { n } });
        await world.advance(100 + 100 * world.random());
      }
      await renewing(c, 2500);
      expect(daemons.map((one) => shown(one)?.meta)).toEqual(Array(3).fill({ n: 1 }));
    }
  });

  it('outlives the daemon that held the instance, and the one that took it', async () => {
    const { world, a, b, c, set, renewing } = await bench();
    await set(b, drain);
    world.kill('a');
    await renewing(c, 8000);
    expect(drainingAt([b, c])).toEqual([true, true]);
    const again = await world.complete(world.start('a', { peers: [c.settings.url] }));
    expect(drainingAt([again])).toEqual([true]);
    world.kill('c');
    await renewing(again, 8000);
    await world.complete(b.stop());
    world.kill('b');
    await renewing(again, 8000);
    expect(shown(again)).toMatchObject({ draining: true, drainReason: 'deploy' });
    expect(a).not.toBe(again);
  });

  it('survives that all daemons restart, one at a time', async () => {
    const { world, daemons, a, set, renewing } = await bench();
    await set(a, drain);
    for (const [index, name] of ['a', 'b', 'c'].entries()) {
      const other = (index + 1) % 3;
      await world.complete(daemons[index]!.stop());
      world.kill(name);
      await renewing(daemons[other]!, 3000);
      daemons[index] = await world.complete(world.start(name, { peers: [daemons[other]!.settings.url] }));
      await renewing(daemons[other]!, 3000);
    }
    expect(drainingAt(daemons)).toEqual([true, true, true]);
  });

  it('reaches an instance on the other side of a split when that heals', async () => {
    const { world, a, b, c, daemons, set, renewing } = await bench();
    world.partition(['a'], ['b', 'c']);
    await set(b, drain);
    await renewing(a, 15_000);
    expect(drainingAt([a, b, c])).toEqual([false, undefined, undefined]);
    world.heal();
    await renewing(a, 3000);
    expect(drainingAt(daemons)).toEqual([true, true, true]);
    expect(updates(b)).toEqual([[true, 'deploy', { draining: false }]]);
  });

  it('taken by a daemon that crashes is known of all once one that knows it is heard again', async () => {
    const { world, a, b, c, set, renewing } = await bench();
    const d = await world.complete(world.start('d', { peers: [b.settings.url] }));
    await world.advance(1000);
    world.partition(['a', 'b'], ['c', 'd']);
    await set(d, drain);
    await renewing(a, 500);
    world.kill('d');
    // Long enough for the other side to forget the daemons that were lost to it.
    await renewing(a, 12_000);
    world.heal();
    await renewing(a, 2000);
    expect(drainingAt([a, b, c])).toEqual([true, true, true]);
  });

  it('is kept by the daemon that took it when that goes on as another incarnation, though nothing is to drain just then', async () => {
    const { world, a, b, c, daemons, set, renewing } = await bench();
    world.partition(['a'], ['b', 'c']);
    await set(b, drain);
    // Both sides let it lapse that do not hear it: here there is nothing to decide about any more.
    await renewing(a, 9000);
    expect(drainingAt([b, c])).toEqual([undefined, undefined]);
    const { runId } = b;
    world.pause('b');
    await renewing(a, 9000);
    world.resume('b');
    await renewing(a, 9000);
    expect(b.runId).not.toBe(runId);
    world.heal();
    await renewing(a, 3000);
    expect(drainingAt(daemons)).toEqual([true, true, true]);
  });

  it('is no reason to be online', async () => {
    const { world, b, daemons, set } = await bench();
    const expires = world.time + 4000;
    await world.advance(3500);
    await set(b, drain);
    await world.until(() => drainingAt(daemons).every((state) => state === undefined), 2000);
    expect(world.time).toBeLessThanOrEqual(expires + 100);
  });

  it('ends with the life of the instance', async () => {
    const { world, a, b, daemons, set } = await bench();
    await set(b, drain);
    a.register(web, { instance: 'restarted' });
    await world.advance(2000);
    expect(drainingAt(daemons)).toEqual([false, false, false]);
  });

  it('of what nobody knows, or of a daemon, is refused', async () => {
    const { world, b, set } = await bench();
    await world.complete(b.deregister(id));
    await expect(set(b, drain)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const self = b.registrations({ app: 'bender' })[0]!.id;
    await expect(b.setState(self, drain)).rejects.toMatchObject({ code: 'INVALID' });
  });
});
