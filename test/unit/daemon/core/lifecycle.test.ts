import { describe, expect, it } from '@jest/globals';
import type { Daemon } from '../../../../src/daemon/core/daemon.js';
import { World } from '../../../helpers/world.js';

const web = { app: 'web', version: '1.0.0', host: '10.0.0.1', port: 8080 };
const id = 'web/1.0.0/10.0.0.1/8080';
const online = (daemon: Daemon): string[] => daemon.registrations({ app: 'web' }).map((one) => one.id);
const states = (daemon: Daemon): string[] => daemon.daemons().map(({ name, state }) => `${name} ${state}`);

async function one(): Promise<{ world: World; a: Daemon }> {
  const world = new World(3);
  const a = await world.complete(world.start('a'));
  a.register(web, { ttl: 60_000 });
  await world.advance(500);
  return { world, a };
}

async function two(): Promise<{ world: World; a: Daemon; b: Daemon }> {
  const { world, a } = await one();
  const b = await world.complete(world.start('b', { peers: [a.settings.url] }));
  await world.until(() => [a, b].every(({ membership }) => membership.live().length === 2), 3000);
  return { world, a, b };
}

describe('a daemon that is stopped while it joins', () => {
  it('never publishes itself, and says that it has not started', async () => {
    const { world, a } = await one();
    // It hears a, but not everything yet.
    world.pause('a');
    const started = world.start('b', { peers: [a.settings.url] });
    void started.catch(() => undefined);
    const b = world.host('b').daemon!;
    await world.advance(100);
    await world.complete(b.stop());
    expect(b.phase).toBe('stopped');
    world.resume('a');
    await world.advance(5000);
    expect(b.phase).toBe('stopped');
    expect(states(a)).toEqual(['a online']);
    const sent = world.messages;
    await world.advance(100);
    expect(b.self).toBeUndefined();
    expect(world.messages).toBe(sent);
  });

  it('does not wait for its peers', async () => {
    const { world, a } = await one();
    world.pause('a');
    const b = new Promise<boolean>((resolve) => {
      void world.start('b', { peers: [a.settings.url] });
      void world
        .host('b')
        .daemon!.stop()
        .then(() => resolve(true));
    });
    expect(await world.complete(b, 100)).toBe(true);
  });
});

describe('a daemon that is suspended while it joins', () => {
  it('does not rely on what it heard before', async () => {
    const { world, a } = await one();
    // Everything has arrived but the end of the last answer.
    let sent = 0;
    world.onMessage = (from, to) => {
      if (from === 'a' && to === 'b' && ++sent === 2) world.pause('b');
    };
    const started = world.start('b', { peers: [a.settings.url] });
    const b = world.host('b').daemon!;
    await world.advance(300);
    expect(world.host('b').paused).toBe(true);
    await world.complete(a.deregister(id));
    await world.advance(20_000);
    world.resume('b');
    await world.complete(started);
    expect(online(b)).toEqual([]);
    expect(b.events.since(`${b.events.runId}:0`)).toEqual([]);
    expect(b.status()).toMatchObject({ generation: 1, ready: true });
  });

  it('begins anew when it is suspended once more while it joins again', async () => {
    const { world, a, b } = await two();
    world.pause('b');
    await world.advance(5000);
    world.resume('b');
    // It is deaf for a moment, then asks.
    await world.advance(40);
    expect(b.phase).toBe('joining');
    world.pause('b');
    await world.advance(300);
    await world.complete(a.deregister(id));
    await world.advance(20_000);
    world.resume('b');
    await world.until(() => b.phase === 'running', 3000);
    expect(online(b)).toEqual([]);
    expect(b.status()).toMatchObject({ generation: 2 });
    expect(world.host('b').logged.filter((line) => line.includes('joining anew'))).toHaveLength(1);
  });

  it('stays away if it is stopped while it joins again', async () => {
    const { world, a, b } = await two();
    world.pause('b');
    await world.advance(5000);
    world.resume('b');
    await world.advance(20);
    expect(b.phase).toBe('joining');
    await world.complete(b.stop());
    await world.advance(5000);
    expect(b.phase).toBe('stopped');
    expect(states(a).filter((state) => state === 'b online')).toEqual([]);
  });
});

describe('a delete or a drain', () => {
  it('is not acknowledged by a daemon that was suspended in the middle of it', async () => {
    const { world, b } = await two();
    // Nobody acknowledges, so that it waits.
    world.partition(['a'], ['b']);
    const deleted = b.deregister(id).then(
      () => 'done',
      (error: { code?: string }) => error.code,
    );
    world.pause('b');
    await world.advance(5000);
    world.resume('b');
    expect(await world.complete(deleted)).toBe('NOT_READY');
  });

  it('is refused as not ready, not as wrong, while the daemon joins again', async () => {
    const { world, b } = await two();
    world.pause('b');
    await world.advance(3000);
    world.resume('b');
    await world.advance(1);
    expect(b.phase).toBe('joining');
    await expect(b.deregister(id)).rejects.toMatchObject({ code: 'NOT_READY' });
    await expect(b.setState(id, { draining: true })).rejects.toMatchObject({ code: 'NOT_READY' });
  });
});
