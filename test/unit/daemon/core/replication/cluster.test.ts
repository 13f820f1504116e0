import type { Daemon } from '../../../../../src/daemon/core/daemon.js';
import type { Frame } from '../../../../../src/daemon/core/replication/frame.js';
import { World } from '../../../../helpers/world.js';

const web = { app: 'web', version: '1.0.0', host: '10.0.0.1', port: 8080 };
const id = 'web/1.0.0/10.0.0.1/8080';
const ids = (daemon: Daemon) => daemon.registrations({ app: 'web' }).map((one) => one.id);
const story = (daemon: Daemon) =>
  daemon.events
    .since(`${daemon.runId}:0`)!
    .flatMap(({ event }) =>
      event.type === 'online' || event.type === 'offline' || event.type === 'updated'
        ? event.registration.app === 'web'
          ? [event.type + ('reason' in event ? ` ${event.reason}` : '')]
          : []
        : [],
    );

async function three(seed = 1): Promise<{ world: World; daemons: [Daemon, Daemon, Daemon] }> {
  const world = new World(seed);
  const a = await world.complete(world.start('a'));
  const b = await world.complete(world.start('b', { peers: [a.settings.url] }));
  const c = await world.complete(world.start('c', { peers: [b.settings.url] }));
  await world.until(
    () => [a, b, c].every((one) => one.daemons().filter(({ state }) => state === 'online').length === 3),
    2000,
  );
  return { world, daemons: [a, b, c] };
}

describe('three daemons', () => {
  it('find each other, though each was told of one', async () => {
    const { daemons } = await three();
    for (const daemon of daemons) expect(daemon.daemons().map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  });

  it('show a registration everywhere within tens of ms, and its expiry once', async () => {
    const { world, daemons } = await three();
    expect(daemons[0].register(web, {}).outcome).toBe('registered');
    expect(await world.until(() => daemons.every((daemon) => ids(daemon).length === 1), 100)).toBeLessThanOrEqual(50);
    await world.advance(3900);
    for (const daemon of daemons) expect(ids(daemon)).toEqual([id]);
    await world.advance(600);
    for (const daemon of daemons) expect(story(daemon)).toEqual(['online', 'offline expired']);
  });

  it('tell of one registration at once, and of those that follow closely together', async () => {
    const { world, daemons } = await three();
    await world.advance(1000);
    world.network = { ...world.network, delay: [2, 2] };
    let pushes = 0;
    world.onMessage = (from, to, { sync }) => {
      if (from === 'a' && to === 'b' && sync?.changes) pushes++;
    };
    for (let port = 1; port <= 10; port++) {
      daemons[0].register({ ...web, port }, {});
      await world.advance(1);
    }
    // The first takes 4 ms, and 8 ms of rest.
    await world.advance(1);
    expect(pushes).toBe(1);
    expect(ids(daemons[1])).toHaveLength(1);
    await world.advance(5);
    expect(pushes).toBe(2);
    expect(ids(daemons[1])).toHaveLength(10);
  });

  it('show what a push says before they merge it', async () => {
    const { world, daemons } = await three();
    const [a, b] = daemons;
    await world.advance(1000);
    const pushes: Frame[] = [];
    world.onMessage = (from, to, frame) => {
      if (from === 'a' && to === 'b' && frame.sync?.changes) pushes.push(frame);
    };
    world.cut.add('a>b');
    a.register(web, {});
    await world.advance(1);
    const answer = b.receive(pushes[0]);
    expect(ids(b)).toEqual([id]);
    expect(answer).toBeInstanceOf(Promise);
    const { sync } = await world.complete(Promise.resolve(answer));
    expect(sync!.have).toEqual(pushes[0]!.sync!.have);
    await world.advance(1000);
    expect(story(b)).toEqual(['online']);
  });

  it('keep what is renewed at whichever of them', async () => {
    const { world, daemons } = await three();
    daemons[0].register(web, {});
    for (let turn = 0; turn < 30; turn++) {
      await world.advance(2000);
      expect(await world.complete(Promise.resolve(daemons[turn % 3]!.renew(id)))).toBe(true);
    }
    for (const daemon of daemons) expect(story(daemon)).toEqual(['online']);
    expect(daemons.map((daemon) => daemon.status().counts.held)).toEqual([1, 0, 0]);
  });

  it('keep what is renewed elsewhere, though what was to tell its holder got lost', async () => {
    const world = new World(1);
    const a = await world.complete(world.start('a'));
    const b = await world.complete(world.start('b', { peers: [a.settings.url] }));
    await world.advance(5000);
    a.register(web, { ttl: 2000 });
    await world.advance(1300);
    // All that both say in the time of a heartbeat: the renewal, that b holds it, and each one's sign of life.
    world.partition(['a'], ['b']);
    await world.complete(Promise.resolve(b.renew(id)));
    await world.advance(400);
    world.heal();
    await world.advance(1500);
    for (const daemon of [a, b]) expect(story(daemon)).toEqual(['online']);
  });

  it('forget at once and for good what is deregistered at any of them', async () => {
    const { world, daemons } = await three();
    daemons[0].register(web, {});
    await world.advance(100);
    await world.complete(daemons[2].deregister(id));
    for (const daemon of daemons) expect(story(daemon)).toEqual(['online', 'offline deregistered']);
    expect(await world.complete(Promise.resolve(daemons[1].renew(id)))).toBe(false);
    expect(daemons[1].register(web, {}).outcome).toBe('registered');
    await world.advance(100);
    for (const daemon of daemons) expect(ids(daemon)).toEqual([id]);
  });

  it('lapse what a killed daemon held, unless it is renewed elsewhere', async () => {
    const { world, daemons } = await three();
    daemons[0].register(web, {});
    daemons[0].register({ ...web, port: 8081 }, {});
    await world.advance(100);
    world.kill('a');
    for (let turn = 0; turn < 6; turn++) {
      await world.advance(1300);
      await world.complete(Promise.resolve(daemons[1].renew(id)));
    }
    expect(ids(daemons[1])).toEqual([id]);
    expect(ids(daemons[2])).toEqual([id]);
    for (const daemon of daemons.slice(1)) expect(story(daemon)).toEqual(['online', 'online', 'offline daemon-lost']);
  });

  it('tell a fourth daemon everything', async () => {
    const { world, daemons } = await three();
    daemons[1].register(web, { ttl: 60_000 });
    daemons[0].catalog.backends.create({ name: 'web', app: 'web', version: '1.0.0' }, 'jane');
    await world.advance(100);
    const d = await world.complete(world.start('d', { peers: [daemons[2].settings.url] }));
    expect(ids(d)).toEqual([id]);
    expect(d.catalog.backends.list()).toHaveLength(1);
    expect(story(d)).toEqual([]);
    await world.until(() => daemons.every((daemon) => daemon.daemons().length === 4), 1000);
  });

  it('lose nothing of a daemon that is stopped', async () => {
    const { world, daemons } = await three();
    daemons[0].register(web, {});
    daemons[0].catalog.backends.create({ name: 'web', app: 'web', version: '1.0.0' }, 'jane');
    await world.complete(daemons[0].stop());
    world.kill('a');
    for (let turn = 0; turn < 10; turn++) {
      await world.advance(1300);
      await world.complete(Promise.resolve(daemons[1].renew(id)));
    }
    for (const daemon of daemons.slice(1)) {
      expect(story(daemon)).toEqual(['online']);
      expect(daemon.catalog.backends.list()).toHaveLength(1);
    }
  });

  it('hear at once that one of them leaves, and count it as one that left', async () => {
    const { world, daemons } = await three();
    const [a, b, c] = daemons;
    await world.complete(a.stop());
    world.kill('a');
    const hasLeft = (daemon: Daemon) =>
      daemon.daemons().find(({ name }) => name === 'a')?.state === 'left' && daemon.status().counts.daemons === 2;
    // Well below the 2 s after which silence says that it is lost.
    expect(await world.until(() => hasLeft(b) && hasLeft(c))).toBeLessThan(1000);
  });

  it('ask each other before one refuses a renewal of what it has not heard of yet', async () => {
    const { world, daemons } = await three();
    // No exchange is under way: the news is there before the answer, which takes twice as long.
    await world.advance(3100 - world.time);
    world.network.delay = [1, 1];
    daemons[0].register(web, {});
    expect(daemons[1].renewKnown(id)).toBe(false);
    expect(await world.complete(daemons[1].renew(id))).toBe(true);
    expect(await world.complete(daemons[1].renew('web/1.0.0/10.0.0.9/1'))).toBe(false);
  });

  it('lose no update of one that is stopped, not even of those that waited to be written or forwarded', async () => {
    const { world, daemons } = await three();
    const [a, b] = daemons;
    a.register(web, {});
    b.register({ ...web, port: 1 }, {});
    await world.advance(1000);
    for (let n = 1; n <= 7; n++) a.register(web, { meta: { n } });
    // Nothing new as far as is known here: it is forwarded with the renewals that are collected.
    for (const n of [1, 0]) a.register({ ...web, port: 1 }, { meta: n ? { n } : {} });
    await world.complete(a.stop());
    world.kill('a');
    await world.advance(1500);
    for (const daemon of daemons.slice(1))
      expect(daemon.registrations({ app: 'web' }).map(({ meta }) => meta)).toEqual([{}, { n: 7 }]);
  });

  it('have no event for a service that keeps renewing while each of them is restarted', async () => {
    const { world, daemons } = await three();
    daemons[0].register(web, {});
    await world.advance(100);
    const watcher = daemons[1];
    for (const name of ['a', 'c', 'a']) {
      world.kill(name);
      await world.advance(300);
      await world.complete(world.start(name, { peers: [watcher.settings.url] }));
      for (let turn = 0; turn < 8; turn++) {
        await world.advance(1300);
        expect(await world.complete(Promise.resolve(world.host(name).daemon!.renew(id)))).toBe(true);
      }
    }
    expect(story(watcher)).toEqual(['online']);
  });
});
