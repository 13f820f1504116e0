import { describe, expect, it } from '@jest/globals';
import type { Daemon } from '../../../../src/daemon/core/daemon.js';
import type { DaemonSettings } from '../../../../src/daemon/core/runtime.js';
import { World } from '../../../helpers/world.js';

const id = 'web/1.0.0/10.0.0.1/8080';
const web = { app: 'web', version: '1.0.0', host: '10.0.0.1', port: 8080 };
const online = (daemon: Daemon): string[] => daemon.registrations({ app: 'web' }).map((one) => one.id);
const told = (daemon: Daemon): string[] =>
  daemon.events
    .since(`${daemon.events.runId}:0`)!
    .flatMap(({ event }) => ('registration' in event && event.registration.app === 'web' ? [event.type] : []));

async function cluster(
  names: string[],
  settings: Partial<DaemonSettings> = {},
): Promise<{ world: World; daemons: Daemon[] }> {
  const world = new World(7);
  const daemons: Daemon[] = [];
  for (const name of names)
    daemons.push(
      await world.complete(
        world.start(name, { ...settings, peers: daemons.slice(0, 1).map(({ settings: { url } }) => url) }),
      ),
    );
  await world.until(() => daemons.every((one) => one.membership.live().length === names.length), 3000);
  return { world, daemons };
}

const renew = (world: World, daemon: Daemon): Promise<boolean> => world.complete(Promise.resolve(daemon.renew(id)));

describe('a daemon whose name another live daemon bears', () => {
  it('goes, if it is the one that has been up for less long', async () => {
    const { world, daemons } = await cluster(['a', 'b']);
    await world.advance(5000);
    await world.complete(world.start('c', { name: 'a', peers: [daemons[1]!.settings.url] }));
    await world.until(() => world.host('c').fatal !== undefined, 10_000);
    expect(world.host('c').fatal).toMatchObject({ code: 'NAME_TAKEN' });
    await world.advance(10_000);
    expect(world.host('a').fatal).toBeUndefined();
    expect(daemons[1]!.daemons().find(({ name, state }) => name === 'a' && state === 'online')?.url).toBe(
      daemons[0]!.settings.url,
    );
  });

  it('stays, if the other one was its own former self', async () => {
    const { world, daemons } = await cluster(['a', 'b']);
    world.kill('a');
    await world.advance(200);
    const again = await world.complete(world.start('a', { peers: [daemons[1]!.settings.url] }));
    await world.advance(10_000);
    expect(world.host('a').fatal).toBeUndefined();
    expect(again.status().generation).toBe(2);
  });
});

describe('a daemon that comes back to a cluster which has forgotten its former self', () => {
  it('is not taken for replaced by it', async () => {
    const { world, daemons } = await cluster(['a', 'b', 'c']);
    // c still remembers the first a when b has forgotten it and tells the second one nothing of it.
    daemons[0]!.register({ ...web, port: 1 }, { ttl: 60_000 });
    await world.advance(500);
    world.kill('a');
    await world.advance(20_000);
    world.kill('b');
    await world.advance(500);
    const again = await world.complete(world.start('a', { peers: [world.host('b').url] }));
    await world.until(() => daemons[2]!.membership.get(again.runId)?.published === true, 5000);
    await world.advance(3000);
    expect(daemons[2]!.membership.get(again.runId)).toMatchObject({ lost: false });
  });
});

describe('a daemon that is heard again', () => {
  it('brings nothing back if its machine was suspended, and it goes on as another incarnation', async () => {
    const { world, daemons } = await cluster(['a', 'b', 'c']);
    const [a, b, c] = daemons as [Daemon, Daemon, Daemon];
    const { runId } = a;
    a.register(web, { ttl: 2000 });
    await world.advance(1000);
    world.pause('a');
    world.host('a').suspended = true;
    await world.advance(6000);
    world.resume('a');
    await world.advance(6000);
    expect(a.runId).not.toBe(runId);
    for (const daemon of [b, c]) expect(told(daemon)).toEqual(['online', 'offline']);
  });

  it('shows the same as its peers of what it still took before it noticed that it was suspended', async () => {
    const { world, daemons } = await cluster(['a', 'b', 'c']);
    const [a] = daemons as [Daemon];
    const { runId } = a;
    await world.advance(1000);
    world.pause('a');
    world.host('a').suspended = true;
    // They wait between the frames of its peers.
    for (let port = 1; port <= 60; port++) {
      await world.advance(100);
      world.after(0, () => void (a.awake() && a.register({ ...web, port }, { ttl: 60_000 })), world.host('a'));
    }
    world.resume('a');
    await world.until(() => a.runId !== runId && a.phase === 'running', 3000);
    await world.advance(2000);
    expect(online(a).length).toBeGreaterThan(0);
    for (const daemon of daemons) expect(online(daemon)).toEqual(online(a));
  });

  it('brings nothing back that expired there meanwhile, and all that did not', async () => {
    const { world, daemons } = await cluster(['a', 'b', 'c']);
    const [a, b] = daemons as [Daemon, Daemon];
    const alive = { ...web, port: 1 };
    a.register(web, {});
    a.register(alive, {});
    await world.advance(300);
    world.partition(['a'], ['b', 'c']);
    for (let turn = 0; turn < 10; turn++) {
      await world.advance(1000);
      await world.complete(Promise.resolve(a.renew(`web/1.0.0/10.0.0.1/1`)));
    }
    expect(online(b)).toEqual([]);
    world.heal();
    await world.until(() => online(b).length === 1, 2500);
    expect(online(b)).toEqual(['web/1.0.0/10.0.0.1/1']);
    expect(told(b)).toEqual(['online', 'online', 'offline', 'offline', 'online']);
  });
});

describe('a daemon that was paused', () => {
  it('for less than the peer timeout goes on as if nothing had been', async () => {
    const { world, daemons } = await cluster(['a', 'b', 'c']);
    const [a] = daemons as [Daemon];
    const { runId } = a;
    world.pause('a');
    await world.advance(1500);
    world.resume('a');
    await world.advance(1000);
    expect(a.runId).toBe(runId);
  });

  it('for longer is another incarnation, which tells only the difference', async () => {
    const { world, daemons } = await cluster(['a', 'b', 'c']);
    const [a, b] = daemons as [Daemon, Daemon];
    a.register(web, {});
    await world.advance(300);
    const { runId } = a;
    world.pause('a');
    for (let turn = 0; turn < 6; turn++) {
      await world.advance(1300);
      expect(await renew(world, b)).toBe(true);
    }
    world.resume('a');
    await world.advance(1000);
    expect(a.runId).not.toBe(runId);
    expect(a.phase).toBe('running');
    for (const daemon of daemons) {
      expect(online(daemon)).toEqual([id]);
      expect(told(daemon)).toEqual(['online']);
    }
  });

  it('does not bring back what was deleted meanwhile, nor what it held and nobody renewed', async () => {
    const { world, daemons } = await cluster(['a', 'b', 'c']);
    const [a, b] = daemons as [Daemon, Daemon];
    a.register(web, {});
    a.register({ ...web, port: 1 }, {});
    await world.advance(300);
    world.pause('a');
    await world.advance(500);
    await world.complete(b.deregister(id));
    await world.advance(15_000);
    world.resume('a');
    await world.advance(2000);
    expect(online(a)).toEqual([]);
    expect(told(b)).toEqual(['online', 'online', 'offline', 'offline']);
    expect(told(a)).toEqual(['online', 'online', 'offline', 'offline']);
  });

  it('with its clock, as by a machine that sleeps, hears of it from its peers, and they go on as they were', async () => {
    const { world, daemons } = await cluster(['a', 'b', 'c']);
    const [a, b, c] = daemons as [Daemon, Daemon, Daemon];
    a.register(web, {});
    await world.advance(1500);
    const before = daemons.map(({ runId }) => runId);
    world.pause('a');
    world.host('a').suspended = true;
    for (let turn = 0; turn < 6; turn++) {
      await world.advance(1300);
      expect(await renew(world, b)).toBe(true);
    }
    world.resume('a');
    await world.advance(1000);
    expect(a.runId).not.toBe(before[0]);
    expect([b.runId, c.runId]).toEqual(before.slice(1));
    for (const daemon of daemons) expect(told(daemon)).toEqual(['online']);
  });

  it('acts on nothing that waited for it', async () => {
    const { world, daemons } = await cluster(['a', 'b', 'c']);
    world.pause('a');
    await world.advance(5000);
    world.resume('a');
    expect(daemons[0]!.awake()).toBe(false);
    await world.until(() => daemons[0]!.awake() && daemons[0]!.phase === 'running', 1000);
  });

  it('alone gives its clients a TTL to be heard', async () => {
    const { world, daemons } = await cluster(['a']);
    const [a] = daemons as [Daemon];
    a.register(web, {});
    await world.advance(300);
    world.pause('a');
    await world.advance(20_000);
    world.resume('a');
    await world.advance(3000);
    expect(await renew(world, a)).toBe(true);
    await world.advance(3000);
    expect(told(a)).toEqual(['online']);
  });
});

describe('a daemon that is forgotten', () => {
  const names = (daemon: Daemon): string[] => daemon.daemons().map(({ name }) => name);

  it('is not shown from then on, while its entries count for as long as they would have', async () => {
    const { world, daemons } = await cluster(['a', 'b', 'c']);
    const [a, b] = daemons as [Daemon, Daemon];
    b.register(web, { ttl: 8000 });
    await world.advance(500);
    world.kill('b');
    await world.until(() => a.daemons().some(({ state }) => state === 'lost'), 3000);
    a.forgetDaemon('b');
    expect(names(a)).toEqual(['a', 'c']);
    expect(() => a.forgetDaemon('b')).toThrow('is not known');
    expect(await renew(world, a)).toBe(true);
    await world.advance(1000);
    expect(names(a)).toEqual(['a', 'c']);
    expect(names(daemons[2]!)).toEqual(['a', 'b', 'c']);
    expect(told(a)).toEqual(['online']);
  });

  it('is shown again when it comes back, and when it is lost once more', async () => {
    const { world, daemons } = await cluster(['a', 'b', 'c']);
    const [a] = daemons as [Daemon];
    world.partition(['b'], ['a', 'c']);
    await world.until(() => a.daemons().some(({ state }) => state === 'lost'), 3000);
    a.forgetDaemon('b');
    expect(names(a)).toEqual(['a', 'c']);
    world.heal();
    await world.until(() => names(a).includes('b'), 4000);
    world.kill('b');
    await world.until(() => a.daemons().some(({ name, state }) => name === 'b' && state === 'lost'), 3000);
  });

  it('is not shown by one that stays cut off, as others are missing', async () => {
    const { world, daemons } = await cluster(['a', 'b', 'c', 'd', 'e']);
    const [a] = daemons as [Daemon];
    await world.advance(15_000);
    world.partition(['a'], ['b', 'c', 'd', 'e']);
    await world.until(() => a.stale, 5000);
    a.forgetDaemon('b');
    expect(a.stale).toBe(true);
    expect(names(a)).toEqual(['a', 'c', 'd', 'e']);
  });
});

describe('a daemon that hears fewer than half of those it knows', () => {
  const isolate = async (settings: Partial<DaemonSettings> = {}) => {
    const { world, daemons } = await cluster(['a', 'b', 'c'], settings);
    await world.advance(15_000);
    daemons[1]!.register(web, {});
    await world.advance(500);
    world.partition(['a'], ['b', 'c']);
    await world.advance(20_000);
    return { world, daemons: daemons as [Daemon, Daemon, Daemon] };
  };

  it('keeps its last view, and says that it is stale', async () => {
    const { daemons } = await isolate();
    expect(daemons.map(({ stale }) => stale)).toEqual([true, false, false]);
    expect(online(daemons[0])).toEqual([id]);
    expect(daemons[0].status()).toMatchObject({ stale: true });
    expect(online(daemons[1])).toEqual([]);
  });

  it('takes in what the others know when it hears them again', async () => {
    const { world, daemons } = await isolate();
    world.heal();
    await world.until(() => !daemons[0].stale && online(daemons[0]).length === 0, 2500);
    expect(told(daemons[0])).toEqual(['online', 'offline']);
  });

  it('lets its own leases expire all the same', async () => {
    const { world, daemons } = await isolate();
    daemons[0].register({ ...web, port: 1 }, {});
    expect(online(daemons[0])).toHaveLength(2);
    await world.advance(5000);
    expect(online(daemons[0])).toEqual([id]);
  });

  it('is no longer cut off once the daemons that are gone are forgotten', async () => {
    const { world, daemons } = await isolate();
    expect(() => daemons[0].forgetDaemon('a')).toThrow('is alive');
    daemons[0].forgetDaemon('b');
    await world.until(() => !daemons[0].stale && online(daemons[0]).length === 0, 2500);
  });

  it('takes what it sees for all there is after a while', async () => {
    const { world, daemons } = await isolate({ isolatedForMs: 25_000 });
    expect(daemons[0].stale).toBe(true);
    await world.until(() => !daemons[0].stale && online(daemons[0]).length === 0, 12_000);
    await world.advance(5000);
    expect(daemons[0].stale).toBe(false);
  });

  it('lets everything expire where it was told to', async () => {
    const { daemons } = await isolate({ whenIsolated: 'expire' });
    expect(daemons[0].stale).toBe(false);
    expect(online(daemons[0])).toEqual([]);
  });
});

describe('two daemons', () => {
  it('cannot tell which of them is cut off: each expires what the other one held', async () => {
    const { world, daemons } = await cluster(['a', 'b']);
    await world.advance(15_000);
    daemons[0]!.register(web, { ttl: 2000 });
    daemons[1]!.register({ ...web, port: 1 }, { ttl: 2000 });
    await world.advance(300);
    world.partition(['a'], ['b']);
    await world.advance(8000);
    expect(daemons.map(({ stale }) => stale)).toEqual([false, false]);
    expect(daemons.map((daemon) => online(daemon))).toEqual([[], []]);
  });
});

describe('the history of the holdings', () => {
  it('is kept beside the new one for as long as a live daemon has not got that', async () => {
    const { world, daemons } = await cluster(['a', 'b', 'c'], { historySlack: 50 });
    const [a, b] = daemons as [Daemon, Daemon];
    const epochs = () => [...a.documents.names()].filter((name) => name.startsWith(`holdings/${a.runId}/`)).length;
    world.pause('b');
    for (let turn = 0; turn < 60; turn++)
      a.register({ ...web, port: 1 + (turn % 2) }, { meta: { turn }, instance: `${turn}` });
    await world.advance(1500);
    expect(epochs()).toBe(2);
    world.resume('b');
    await world.advance(1000);
    expect(epochs()).toBe(1);
    expect(online(b)).toEqual(online(a));
  });

  it('is cut when it has grown, and no daemon notices', async () => {
    const { world, daemons } = await cluster(['a', 'b', 'c'], { historySlack: 50 });
    const [a] = daemons as [Daemon];
    a.register(web, { ttl: 600_000 });
    const turns = 100;
    for (let turn = 1; turn <= turns; turn++) {
      a.register({ ...web, port: turn }, { ttl: 600_000 });
      await world.advance(20);
      await world.complete(a.deregister(`web/1.0.0/10.0.0.1/${turn}`));
    }
    await world.advance(5000);
    expect(a.self!.holdings!.epoch).toBeGreaterThan(1);
    for (const daemon of daemons) {
      expect(daemon.membership.get(a.runId)!.holdings!.epoch).toBe(a.self!.holdings!.epoch);
      expect(online(daemon)).toEqual(online(a));
      expect(told(daemon).filter((type) => type === 'online')).toHaveLength(1 + turns);
      expect(told(daemon).filter((type) => type === 'offline')).toHaveLength(turns);
    }
  });
});
