import { describe, expect, it } from '@jest/globals';
import type { Daemon } from '../../../../../src/daemon/core/daemon.js';
import { World } from '../../../../helpers/world.js';

const web = { app: 'web', version: '1.0.0', host: '10.0.0.1', port: 8080 };
const id = 'web/1.0.0/10.0.0.1/8080';
const ttl = 24 * 3_600_000;

const online = (daemon: Daemon): string[] => daemon.registrations({ app: 'web' }).map((one) => one.id);
const releasesAt = (daemons: readonly Daemon[]): number[] =>
  daemons.map((daemon) => daemon.self!.holdings!.released.size);

/** Daemons that know each other, and a registration with a TTL of a day that the first of them holds. */
async function cluster(size: number) {
  const world = new World(3);
  const daemons: Daemon[] = [];
  for (let index = 0; index < size; index++)
    daemons.push(
      await world.complete(
        world.start(`d${index}`, { peers: daemons.slice(0, 1).map(({ settings: { url } }) => url) }),
      ),
    );
  await world.until(() => daemons.every((one) => one.membership.live().length === size), 5000);
  daemons[0]!.register(web, { ttl });
  await world.until(() => daemons.every((daemon) => online(daemon).length === 1));
  return { world, daemons };
}

describe('a release', () => {
  it('of a life with a TTL of a day is gone within seconds, once every daemon has it', async () => {
    const { world, daemons } = await cluster(4);
    await world.complete(daemons[1]!.deregister(id));
    expect(releasesAt(daemons)).toEqual([1, 1, 0, 0]);
    await world.advance(12_000);
    expect(releasesAt(daemons)).toEqual([0, 0, 0, 0]);
    for (const daemon of daemons) expect(online(daemon)).toEqual([]);
  });

  it('does not come apart from what it ends while updates and epochs go on', async () => {
    const { world, daemons } = await cluster(3);
    for (let turn = 0; turn < 40; turn++) {
      const other = { ...web, port: 1 + turn };
      daemons[turn % 3]!.register(other, { ttl });
      await world.advance(300);
      await world.complete(daemons[(turn + 1) % 3]!.deregister(`web/1.0.0/10.0.0.1/${1 + turn}`));
      await world.advance(200);
    }
    expect(Math.max(...releasesAt(daemons))).toBeLessThan(60);
    await world.advance(15_000);
    expect(releasesAt(daemons)).toEqual([0, 0, 0]);
    for (const daemon of daemons) expect(online(daemon)).toEqual([id]);
  });

  it('stays while a daemon is cut off that has the life, and ends it there when it is back', async () => {
    const { world, daemons } = await cluster(4);
    // d3 takes the registration over on its side.
    world.partition(['d3'], ['d0', 'd1', 'd2']);
    await world.advance(1000);
    await world.complete(Promise.resolve(daemons[3]!.renew(id)));
    await world.advance(1000);
    await world.complete(daemons[1]!.deregister(id));
    await world.advance(9 * 60_000);
    expect(releasesAt(daemons.slice(0, 3))).toEqual([1, 1, 0]);
    expect(online(daemons[3]!)).toEqual([id]);
    world.heal();
    await world.advance(3000);
    for (const daemon of daemons) expect(online(daemon)).toEqual([]);
    await world.advance(12_000);
    expect(releasesAt(daemons)).toEqual([0, 0, 0, 0]);
    for (const daemon of daemons) expect(online(daemon)).toEqual([]);
  });

  it('does not wait for a daemon that was lost ten minutes ago, that left, or that is back', async () => {
    const { world, daemons } = await cluster(5);
    await world.complete(daemons[2]!.stop());
    world.kill('d2');
    world.kill('d3');
    world.kill('d4');
    daemons[3] = await world.complete(world.start('d3', { peers: [daemons[0]!.settings.url] }));
    await world.complete(daemons[1]!.deregister(id));
    await world.advance(9 * 60_000);
    expect(releasesAt([daemons[0]!, daemons[1]!])).toEqual([1, 1]);
    await world.advance(80_000);
    expect(releasesAt([daemons[0]!, daemons[1]!, daemons[3]])).toEqual([0, 0, 0]);
  });

  it('stays as long as a lost daemon may have left the life to another one', async () => {
    const { world, daemons } = await cluster(3);
    world.kill('d0');
    const again = await world.complete(world.start('d0', { peers: [daemons[1]!.settings.url] }));
    await world.advance(3000);
    await world.complete(daemons[1]!.deregister(id));
    await world.advance(60_000);
    expect(releasesAt([daemons[1]!])).toEqual([1]);
    expect(online(again)).toEqual([]);
  });

  it('reaches a daemon that joins meanwhile, which brings nothing back', async () => {
    for (let moment = 0; moment < 8; moment++) {
      const { world, daemons } = await cluster(3);
      await world.complete(daemons[1]!.deregister(id));
      await world.advance(moment * 900);
      const joiner = await world.complete(world.start('d9', { peers: [daemons[2]!.settings.url] }));
      expect(online(joiner)).toEqual([]);
      await expect(world.complete(Promise.resolve(joiner.renew(id)))).resolves.toBe(false);
      await world.advance(15_000);
      expect(releasesAt([...daemons, joiner])).toEqual([0, 0, 0, 0]);
    }
  });

  it('lives for its TTL where not everybody exchanges with everybody', async () => {
    const { world, daemons } = await cluster(10);
    await world.complete(daemons[1]!.deregister(id));
    await world.advance(30_000);
    expect(releasesAt(daemons.slice(0, 2))).toEqual([1, 1]);
  });
});
