import { describe, expect, it } from '@jest/globals';
import type { Daemon } from '../../../../../src/daemon/core/daemon.js';
import type { LeaseInfo } from '../../../../../src/model/lease.js';
import { formatId } from '../../../../../src/model/registration.js';
import { World } from '../../../../helpers/world.js';

const web = { app: 'web', version: '1.0.0', host: '10.0.0.1', port: 8080 };
const id = formatId(web);

/** Two daemons that know each other. */
async function pair(): Promise<{ world: World; a: Daemon; b: Daemon; ask: (from: Daemon) => Promise<LeaseInfo[]> }> {
  const world = new World(7);
  const a = await world.complete(world.start('a', {}));
  const b = await world.complete(world.start('b', { peers: [a.settings.url] }));
  await world.until(() => [a, b].every((one) => one.membership.live().length === 2), 3000);
  return { world, a, b, ask: (from) => world.complete(from.leases([id, 'web/1.0.0/10.0.0.1/1'])) };
}

describe('the lease of a registration', () => {
  it('is told by every daemon, in so far as the holder says it, and follows its renewals', async () => {
    const { world, a, b, ask } = await pair();
    b.register(web, { ttl: 60_000 });
    await world.until(() => a.known(id) !== undefined, 3000);
    await world.advance(20_000);
    for (const daemon of [a, b]) {
      const [info, ...rest] = await ask(daemon);
      expect(rest).toEqual([]);
      expect(info).toMatchObject({ id, ttl: 60_000, holder: 'b' });
      expect(info!.remaining).toBeGreaterThan(39_000);
      expect(info!.remaining).toBeLessThanOrEqual(40_000);
    }
    // Forwarded to the holder.
    a.renewKnown(id);
    await world.advance(200);
    expect((await ask(a))[0]!.remaining).toBeGreaterThan(59_000);
  });

  it('costs no message unless it is asked for', async () => {
    const { world, a, b } = await pair();
    b.register(web, { ttl: 60_000 });
    const asked: string[] = [];
    world.onMessage = (from, to, { leases, held }) => (leases || held) && asked.push(`${from}>${to}`);
    await world.advance(10_000);
    expect(asked).toEqual([]);
    await world.complete(a.leases([id]));
    expect(asked).toEqual(['a>b', 'b>a']);
    asked.length = 0;
    await world.complete(b.leases([id]));
    expect(asked).toEqual([]);
  });

  it('is not told if the holder does not answer in 300 ms, or is of an earlier version', async () => {
    const { world, a, b, ask } = await pair();
    b.register(web, { ttl: 60_000 });
    await world.until(() => a.known(id) !== undefined, 3000);
    world.cut.add('a>b');
    const begun = world.time;
    expect(await ask(a)).toEqual([{ id, ttl: 60_000, holder: 'b' }]);
    expect(world.time - begun).toBeLessThanOrEqual(310);
    world.heal();
    world.onMessage = (_, __, frame) => void delete frame.leases;
    expect(await ask(a)).toEqual([{ id, ttl: 60_000, holder: 'b' }]);
  });

  it('is what is left for an orphan when its holder is lost', async () => {
    const { world, a, b, ask } = await pair();
    b.register(web, { ttl: 60_000 });
    await world.until(() => a.known(id) !== undefined, 3000);
    world.kill('b');
    await world.until(() => a.membership.live().length === 1, 10_000);
    await world.advance(10_000);
    a.forgetDaemon('b');
    const [info] = await ask(a);
    expect(info).toMatchObject({ holder: 'b', lost: true });
    expect(info!.remaining).toBeGreaterThan(45_000);
    expect(info!.remaining).toBeLessThan(51_000);
    await world.until(() => a.known(id) === undefined, info!.remaining! + 200);
  });

  it('comes with what the probes of the holder have found', async () => {
    const { world, a, b, ask } = await pair();
    world.instances.set('10.0.0.1:8080', 'healthy');
    b.register(web, { check: { http: '/healthz', interval: 1000, timeout: 500 } });
    await world.advance(5000);
    const [healthy] = await ask(a);
    expect(healthy!.probes).toEqual({ passedAgo: expect.any(Number), fails: 0 });
    expect(healthy!.probes!.passedAgo).toBeLessThan(1300);
    world.instances.set('10.0.0.1:8080', 'failing');
    await world.until(() => a.registration(id) === undefined, 10_000);
    const [ill] = await ask(a);
    expect(ill!.probes).toMatchObject({ fails: 3, problem: '503' });
    expect(ill!.probes!.passedAgo).toBeGreaterThan(1500);
  });
});
