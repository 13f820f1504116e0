import { describe, expect, it } from '@jest/globals';
import type { Daemon } from '../../../../src/daemon/core/daemon.js';
import { World } from '../../../helpers/world.js';

const web = { app: 'web', version: '1.0.0', host: '10.0.0.1', port: 8080 };
const idOf = (port: number): string => `web/1.0.0/10.0.0.1/${port}`;
const online = (daemon: Daemon): string[] => daemon.registrations({ app: 'web' }).map((one) => one.id);
const told = (daemon: Daemon): string[] =>
  daemon.events
    .since(`${daemon.events.runId}:0`)!
    .flatMap(({ event }) => ('registration' in event && event.registration.app === 'web' ? [event.type] : []));
const states = (daemon: Daemon): string[] => daemon.daemons().map(({ name, state }) => `${name} ${state}`);

async function cluster(...names: string[]): Promise<{ world: World; daemons: Daemon[] }> {
  const world = new World(7);
  const daemons: Daemon[] = [];
  for (const name of names)
    daemons.push(
      await world.complete(world.start(name, { peers: daemons.slice(0, 1).map(({ settings: { url } }) => url) })),
    );
  await world.until(() => daemons.every((one) => one.membership.live().length === names.length), 3000);
  return { world, daemons };
}

/** Renews in time at one daemon, and is answered when that gets to it. */
function keepRenewing(world: World, name: string, id: string): () => void {
  let stopped = false;
  const again = (): void => {
    if (stopped) return;
    // What is sent to a host waits there.
    world.after(1, () => void world.host(name).daemon!.renew(id), world.host(name));
    world.after(1300, again);
  };
  again();
  return () => void (stopped = true);
}

describe.each([100, 500, 1900, 3000, 5000])('a daemon that is busy for %i ms', (busyMs) => {
  it('goes on as the same incarnation, and nothing that is renewed at it goes offline anywhere', async () => {
    const { world, daemons } = await cluster('a', 'b', 'c');
    const [a] = daemons as [Daemon];
    a.register(web, {});
    keepRenewing(world, 'a', idOf(8080));
    await world.advance(2000);
    const { runId } = a;
    world.block('a');
    await world.advance(busyMs);
    world.unblock('a');
    await world.advance(10_000);
    expect(a.runId).toBe(runId);
    expect(a.status()).toMatchObject({ generation: 1, counts: { held: 1 } });
    for (const daemon of daemons) {
      expect(told(daemon)).toEqual(['online']);
      expect(states(daemon)).toEqual(['a online', 'b online', 'c online']);
    }
  });
});

describe('a daemon that comes back from a piece of work', () => {
  it('has nobody lost that it could not hear meanwhile', async () => {
    const { world, daemons } = await cluster('a', 'b', 'c');
    const [a, b] = daemons as [Daemon, Daemon];
    b.register(web, {});
    keepRenewing(world, 'b', idOf(8080));
    await world.advance(1000);
    world.block('a');
    await world.advance(9000);
    world.unblock('a');
    await world.advance(5000);
    const offline = a.events.since(`${a.events.runId}:0`)!.filter(({ event }) => event.type.includes('offline'));
    expect(offline).toEqual([]);
  });

  it('is heard by its peers before anything else is done', async () => {
    const { world, daemons } = await cluster('a', 'b');
    const [, b] = daemons as [Daemon, Daemon];
    await world.advance(1000);
    world.block('a');
    await world.advance(5000);
    expect(states(b)).toContain('a lost');
    world.unblock('a');
    await world.advance(20);
    expect(states(b)).toContain('a online');
  });

  it('does not bring back what died meanwhile and has lapsed at its peers', async () => {
    const { world, daemons } = await cluster('a', 'b', 'c');
    const [a, b, c] = daemons as [Daemon, Daemon, Daemon];
    a.register(web, {});
    a.register({ ...web, port: 2 }, {});
    await world.advance(500);
    world.block('a');
    for (let turn = 0; turn < 9; turn++) {
      await world.advance(1000);
      // Its client has turned to another daemon, the other one's is dead.
      await world.complete(b.renew(idOf(2)));
    }
    expect(online(b)).toEqual([idOf(2)]);
    world.unblock('a');
    keepRenewing(world, 'b', idOf(2));
    await world.advance(6000);
    for (const daemon of [b, c]) expect(told(daemon)).toEqual(['online', 'online', 'offline']);
    for (const daemon of daemons) expect(online(daemon)).toEqual([idOf(2)]);
  });

  it('learns of its silence by the answer to its first heartbeat, if nothing else has arrived', async () => {
    const { world, daemons } = await cluster('a', 'b');
    const [a, b] = daemons as [Daemon, Daemon];
    a.register(web, {});
    await world.advance(500);
    world.block('a');
    world.cut.add('b>a');
    await world.advance(8000);
    expect(online(b)).toEqual([]);
    world.unblock('a');
    await world.advance(0.1);
    world.heal();
    await world.advance(6000);
    expect(told(b)).toEqual(['online', 'offline']);
    expect(online(a)).toEqual([]);
  });

  it('makes heartbeats also while requests that it takes one after the other keep its timers waiting', async () => {
    const { world, daemons } = await cluster('a', 'b');
    const [a, b] = daemons as [Daemon, Daemon];
    await world.advance(1000);
    const heard = (): number => b.membership.get(a.runId)!.counter;
    // Its timers do not run from now on.
    world.block('a');
    await world.advance(500);
    const before = heard();
    expect(a.awake()).toBe(true);
    await world.advance(10);
    expect(heard()).toBe(before + 1);
    a.awake();
    await world.advance(10);
    expect(heard()).toBe(before + 1);
  });

  it('keeps what has lapsed at its peers if a renewal of it was waiting', async () => {
    const { world, daemons } = await cluster('a', 'b');
    const [a, b] = daemons as [Daemon, Daemon];
    a.register(web, {});
    keepRenewing(world, 'a', idOf(8080));
    await world.advance(500);
    world.block('a');
    await world.advance(9000);
    world.unblock('a');
    await world.advance(6000);
    expect(told(a)).toEqual(['online']);
    expect(told(b)).toEqual(['online', 'offline', 'online']);
  });

  it('keeps all that it holds if nobody else was there to miss it', async () => {
    const { world, daemons } = await cluster('a');
    const [a] = daemons as [Daemon];
    a.register(web, {});
    await world.advance(500);
    world.block('a');
    await world.advance(9000);
    world.unblock('a');
    await world.advance(1000);
    expect(online(a)).toEqual([idOf(8080)]);
  });

  it('refuses renewals that peers have forwarded to it meanwhile: they hold the entries by now', async () => {
    const { world, daemons } = await cluster('a', 'b');
    const [a, b] = daemons as [Daemon, Daemon];
    a.register(web, { ttl: 2000 });
    await world.advance(500);
    world.block('a');
    await world.advance(100);
    await world.complete(b.renew(idOf(8080)));
    await world.advance(7000);
    expect(online(b)).toEqual([]);
    world.unblock('a');
    await world.advance(6000);
    expect(told(b)).toEqual(['online', 'offline']);
    expect(online(a)).toEqual([]);
  });
});

describe('a renewal that waited for a busy daemon', () => {
  it('does not bring back a life that has ended at its holder meanwhile', async () => {
    const { world, daemons } = await cluster('a', 'b');
    const [a, b] = daemons as [Daemon, Daemon];
    b.register(web, { ttl: 2000 });
    await world.advance(500);
    world.block('a');
    world.after(1, () => void (a.awake() && a.renew(idOf(8080))), world.host('a'));
    await world.advance(3000);
    // Its client has registered again elsewhere, and says goodbye there.
    b.register(web, { ttl: 2000 });
    await world.advance(500);
    await world.complete(b.deregister(idOf(8080)));
    await world.advance(4000);
    world.unblock('a');
    await world.advance(5000);
    expect(told(a).filter((type) => type === 'online').length).toBeLessThan(3);
    expect(told(b)).toEqual(['online', 'offline', 'online', 'offline']);
    for (const daemon of daemons) expect(online(daemon)).toEqual([]);
  });

  it('is passed on to the holder if that still has the life', async () => {
    const { world, daemons } = await cluster('a', 'b');
    const [a, b] = daemons as [Daemon, Daemon];
    b.register(web, { ttl: 4000 });
    await world.advance(500);
    world.block('a');
    world.after(1, () => void (a.awake() && a.renew(idOf(8080))), world.host('a'));
    await world.advance(3000);
    world.unblock('a');
    await world.advance(3500);
    for (const daemon of daemons) expect(told(daemon)).toEqual(['online']);
  });
});

describe('a daemon that was stopped in the middle of a piece of work', () => {
  it.each([
    [500, 1],
    [3000, 2],
  ])('for %i ms goes on as generation %i', async (stoppedMs, generation) => {
    const { world, daemons } = await cluster('a', 'b');
    const [a] = daemons as [Daemon];
    world.block('a');
    await world.advance(3000);
    world.pause('a');
    await world.advance(stoppedMs);
    world.resume('a');
    world.unblock('a');
    await world.advance(2000);
    expect(a.status()).toMatchObject({ generation });
  });
});
