import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { PoolOptions, PoolUpdate } from '../../../../src/client/pool/options.js';
import { Pool } from '../../../../src/client/pool/pool.js';
import { Pools } from '../../../../src/client/pool/pools.js';
import type { Timers } from '../../../../src/client/timers.js';
import { Views } from '../../../../src/client/pool/view.js';
import { AccessError, NoInstanceError } from '../../../../src/model/errors.js';
import type { Registration } from '../../../../src/model/registration.js';
import { FakeRegistry, instanceOf } from '../../../helpers/fake-registry.js';
import { settled, VirtualTimers } from '../../../helpers/virtual-timers.js';

let registry: FakeRegistry;
let timers: VirtualTimers;
let views: Views;
const [a, b, c] = [instanceOf('1.0.0', 1), instanceOf('1.0.0', 2), instanceOf('2.0.0', 3)];

beforeEach(() => {
  registry = new FakeRegistry();
  timers = new VirtualTimers();
  views = new Views(registry, timers);
  registry.serve({ name: 'www', backend: 'web' });
  registry.deploy({ name: 'web', app: 'web', version: '1.0.0' });
});

const open = (options: PoolOptions = {}): Pool => new Pool(registry, views, 'www', { timers, ...options });
const ports = (pool: Pool): number[] => pool.instances.map(({ port }) => port);
const takers = (pool: Pool): number[] => pool.instances.filter(({ weight }) => weight > 0).map(({ port }) => port);

/** Everything so far has arrived. */
const quiet = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await settled();
};

describe('a pool', () => {
  it('goes on, and so do the other pools, if a listener throws', async () => {
    registry.online(a);
    const [pool, other] = [open(), open()];
    await Promise.all([pool.ready, other.ready]);
    const warned = jest.spyOn(process, 'emitWarning').mockReturnValue(undefined);
    pool.onUpdate(() => {
      throw new Error('a fault of the program');
    });
    registry.online(b);
    await quiet();
    expect([ports(pool), ports(other)]).toEqual([
      [1, 2],
      [1, 2],
    ]);
    expect(other.status).toEqual({ state: 'fresh', forMs: 0 });
    expect(warned).toHaveBeenCalledWith(new Error('a fault of the program'));
    warned.mockRestore();
  });

  it('knows the instances of its frontend, and what becomes of them', async () => {
    registry.online(a, c);
    const pool = open();
    expect(pool.status).toMatchObject({ state: 'waiting' });
    expect(pool.pick()).toBeUndefined();
    await pool.ready;
    expect(ports(pool)).toEqual([1]);
    expect(pool.status).toEqual({ state: 'fresh', forMs: 0 });
    registry.online(b);
    await quiet();
    expect(ports(pool)).toEqual([1, 2]);
    registry.drain(a);
    await quiet();
    expect(takers(pool)).toEqual([2]);
    expect(pool.pick()).toMatchObject({ port: 2 });
    registry.offline(a);
    await quiet();
    expect(ports(pool)).toEqual([2]);
  });

  it('follows a deployment, and keeps the former instances until the new ones are known', async () => {
    registry.online(a, c);
    const pool = open();
    await pool.ready;
    registry.isSlow = true;
    registry.deploy({ name: 'web', app: 'web', version: '2.0.0' });
    await quiet();
    expect(ports(pool)).toEqual([1]);
    registry.isSlow = false;
    registry.snapshots();
    await quiet();
    expect(ports(pool)).toEqual([3]);
    // The streams of the catalog and of the new version.
    expect(registry.openStreams).toBe(2);
  });

  it('follows a range, and a split with its weights, on one stream', async () => {
    registry.online(a, b, c);
    registry.deploy({ name: 'web', app: 'web', version: '>=1' });
    const pool = open();
    await pool.ready;
    expect(ports(pool)).toEqual([1, 2, 3]);
    registry.deploy({ name: 'web', app: 'web', split: { '1.0.0': 50, '2.0.0': 50 } });
    await quiet();
    expect(pool.instances.map(({ weight }) => weight)).toEqual([1, 1, 2]);
    const before = registry.opened;
    registry.deploy({ name: 'web', app: 'web', split: { '2.0.0': 1 } });
    await quiet();
    expect(ports(pool)).toEqual([3]);
    expect(registry.opened).toBe(before);
  });

  it('shares its streams with other pools of the client, and ends them with the last', async () => {
    registry.serve({ name: 'api', backend: 'web' });
    const first = open();
    const second = new Pool(registry, views, 'api', { timers });
    await Promise.all([first.ready, second.ready]);
    expect(registry.openStreams).toBe(2);
    const third = open();
    await third.ready;
    expect(third.status.state).toBe('fresh');
    await first.close();
    await third.close();
    await quiet();
    expect(registry.openStreams).toBe(2);
    await second[Symbol.asyncDispose]();
    await quiet();
    expect(registry.openStreams).toBe(0);
  });

  it('says why it has no instance', async () => {
    registry.deleteFrontend('www');
    const pool = open();
    await pool.ready;
    expect(pool.status).toEqual({ state: 'fresh', forMs: 0, reason: 'there is no frontend www' });
    expect(() => pool.acquire()).toThrow(new NoInstanceError('no instance of www is online: there is no frontend www'));
    registry.serve({ name: 'www' });
    await quiet();
    expect(pool.status.reason).toBe('the frontend www has no backend');
    registry.serve({ name: 'www', backend: 'none' });
    await quiet();
    expect(pool.status.reason).toBe('there is no backend none');
    registry.serve({ name: 'www', backend: 'web' });
    registry.online(a);
    await quiet();
    expect(ports(pool)).toEqual([1]);
    registry.drain(a);
    await timers.advance(2000);
    expect(() => pool.acquire()).toThrow('all of them drain or have no share');
  });

  it('tells of each change', async () => {
    registry.online(a);
    const pool = open();
    const seen: string[] = [];
    const read = (async () => {
      for await (const { instances, status } of pool.updates()) seen.push(`${status.state} ${instances.length}`);
    })();
    await pool.ready;
    registry.online(b);
    await quiet();
    registry.fail('unreachable');
    await quiet();
    registry.snapshots(); // Nothing has changed but the status.
    await quiet();
    await pool.close();
    await read;
    expect(seen).toEqual(['waiting 0', 'fresh 1', 'fresh 2', 'kept 2', 'fresh 2', 'fresh 2']);
  });

  it('ends with its signal', async () => {
    const stop = new AbortController();
    const pool = open({ signal: stop.signal });
    stop.abort();
    await expect(pool.ready).rejects.toThrow('the pool of www was closed');
    await quiet();
    expect(registry.openStreams).toBe(0);
    const late = open({ signal: stop.signal });
    await expect(late.ready).rejects.toThrow('closed');
    expect(await late.updates().next()).toMatchObject({ value: { status: { state: 'waiting' } } });
  });
});

describe('while the registry is broken', () => {
  it.each(['unreachable', 'stale'] as const)('a pool keeps its last good set (%s)', async (trouble) => {
    registry.online(a, b);
    const pool = open();
    await pool.ready;
    registry.fail(trouble);
    registry.registrations.delete(b.id);
    await timers.advance(60_000);
    expect(ports(pool)).toEqual([1, 2]);
    expect(pool.status).toEqual({ state: 'kept', forMs: 60_000, reason: trouble });
    registry.recover();
    await quiet();
    expect(ports(pool)).toEqual([1]);
    expect(pool.status).toEqual({ state: 'fresh', forMs: 0 });
  });

  it('adds what a daemon knows that cannot be trusted, and drains what drains there', async () => {
    registry.online(a);
    const pool = open();
    await pool.ready;
    registry.fail('stale');
    registry.online(b);
    registry.drain(a);
    await timers.advance(2000);
    expect(takers(pool)).toEqual([2]);
    expect(ports(pool)).toEqual([1, 2]);
    expect(pool.status.state).toBe('kept');
  });

  it('begins with what a daemon knows that cannot be trusted, if there is no other', async () => {
    registry.online(a);
    registry.trouble = 'stale';
    const pool = open();
    await pool.ready;
    expect(ports(pool)).toEqual([1]);
    expect(pool.status).toMatchObject({ state: 'kept', reason: 'stale' });
  });

  it('says so when no daemon tells the instances of a new target, and adds what others know of them', async () => {
    registry.online(a, c);
    const pool = open();
    await pool.ready;
    // The streams that are there go on: daemons may refuse one more.
    registry.deploy({ name: 'web', app: 'web', version: '2.0.0' });
    registry.trouble = 'stale';
    await quiet();
    expect(ports(pool)).toEqual([1]);
    expect(pool.status).toMatchObject({ state: 'kept', reason: 'stale' });
    await timers.advance(2000);
    expect(ports(pool)).toEqual([1, 3]);
    registry.recover();
    await quiet();
    expect(ports(pool)).toEqual([3]);
    expect(pool.status).toEqual({ state: 'fresh', forMs: 0 });
  });

  it('asks for nothing more as long as a daemon can be trusted', async () => {
    registry.online(a);
    const pool = open();
    await pool.ready;
    await timers.advance(60_000);
    expect(registry.lookUps).toBe(0);
    // A connection that comes back at once.
    registry.fail('unreachable');
    registry.recover();
    await timers.advance(60_000);
    expect(registry.lookUps).toBe(0);
  });

  it('keeps its instances when the daemons have lost the catalog, and lets go of them when the frontend is deleted', async () => {
    registry.online(a, b);
    const pool = open();
    await pool.ready;
    registry.frontends.clear();
    registry.backends.clear();
    registry.snapshots();
    registry.offline(b);
    await quiet();
    expect(ports(pool)).toEqual([1]);
    expect(pool.status).toMatchObject({ state: 'kept', reason: 'the daemons have lost the frontend www' });
    registry.serve({ name: 'www', backend: 'web' });
    registry.deploy({ name: 'web', app: 'web', version: '1.0.0' });
    registry.serve({ name: 'other' });
    await quiet();
    expect(pool.status).toEqual({ state: 'fresh', forMs: 0 });
    registry.deleteFrontend('www');
    await quiet();
    expect(ports(pool)).toEqual([]);
  });

  it.each(['backend', 'frontend'])(
    'keeps its instances while a lost catalog comes back, the %s first',
    async (first) => {
      registry.online(a);
      const pool = open();
      await pool.ready;
      registry.frontends.clear();
      registry.backends.clear();
      registry.snapshots();
      await quiet();
      const steps = [
        () => registry.deploy({ name: 'web', app: 'web', version: '1.0.0' }),
        () => registry.serve({ name: 'www', backend: 'web' }),
      ];
      for (const step of first === 'backend' ? steps : steps.reverse()) {
        step();
        await quiet();
        expect(ports(pool)).toEqual([1]);
      }
      expect(pool.status).toEqual({ state: 'fresh', forMs: 0 });
    },
  );

  it.each([
    ['no backend', () => registry.serve({ name: 'www' }), 'the frontend www has no backend'],
    ['another one', () => registry.serve({ name: 'www', backend: 'new' }), 'there is no backend new'],
  ])('lets go of them if the frontend comes back with %s', async (_, comeBack, reason) => {
    registry.online(a);
    const pool = open();
    await pool.ready;
    registry.frontends.clear();
    registry.backends.clear();
    registry.snapshots();
    await quiet();
    comeBack();
    await quiet();
    expect(ports(pool)).toEqual([]);
    expect(pool.status).toEqual({ state: 'fresh', forMs: 0, reason });
  });

  it('says why there is nothing until the instances of what is served then are known', async () => {
    registry.online(a);
    registry.deleteFrontend('www');
    const pool = open();
    await pool.ready;
    registry.isSlow = true;
    registry.serve({ name: 'www', backend: 'web' });
    await quiet();
    expect(pool.status).toEqual({ state: 'fresh', forMs: 0, reason: 'there is no frontend www' });
    registry.isSlow = false;
    registry.snapshots();
    await quiet();
    expect(ports(pool)).toEqual([1]);
    expect(pool.status).toEqual({ state: 'fresh', forMs: 0 });
  });

  it('says so when a daemon refuses, and tries on', async () => {
    registry.refusal = new AccessError('TOKEN_MISSING', 'a token is needed', 'read');
    registry.online(a);
    const pool = open();
    await expect(pool.ready).rejects.toThrow('a token is needed');
    expect(pool.status).toMatchObject({ state: 'waiting', reason: 'a token is needed' });
    registry.refusal = undefined;
    await timers.advance(2000);
    expect(ports(pool)).toEqual([1]);
  });
});

describe('picking', () => {
  it('leaves out an instance that failed, for longer each time, as long as others remain', async () => {
    registry.online(a, b);
    const pool = open({ pick: 'round-robin' });
    await pool.ready;
    const picked = (): number[] => [1, 2, 3, 4].map(() => pool.pick()!.port).sort();
    expect(picked()).toEqual([1, 1, 2, 2]);
    pool.failed(a);
    expect(picked()).toEqual([2, 2, 2, 2]);
    pool.failed(a); // A request that was on its way.
    await timers.advance(1000);
    expect(picked()).toEqual([1, 1, 2, 2]);
    pool.failed(a);
    await timers.advance(1999);
    expect(picked()).toEqual([2, 2, 2, 2]);
    pool.failed(b);
    expect(picked()).toEqual([1, 1, 2, 2]);
    await timers.advance(1);
    pool.succeeded(a);
    pool.failed(a);
    await timers.advance(1000);
    expect(picked()).toEqual([1, 1, 2, 2]);
  });

  it('forgets the failures of an instance that has gone', async () => {
    registry.online(a, b);
    const pool = open({ pick: 'round-robin' });
    await pool.ready;
    pool.failed(a);
    registry.offline(a);
    await quiet();
    registry.online(a);
    await quiet();
    expect([pool.pick()!.port, pool.pick()!.port].sort()).toEqual([1, 2]);
  });

  it('chooses another one than those given, if there is one', async () => {
    registry.online(a, b);
    const pool = open();
    await pool.ready;
    expect(pool.pick({ except: new Set([a.id]) })).toMatchObject({ port: 2 });
    pool.failed(b);
    expect(pool.pick({ except: new Set([a.id]) })).toMatchObject({ port: 2 });
    expect(pool.pick({ except: new Set([a.id, b.id]) })).toMatchObject({ port: 1 });
  });

  it('counts pending requests', async () => {
    registry.online(a, b);
    const pool = open({ pick: 'least-pending' });
    await pool.ready;
    const first = pool.acquire();
    const second = pool.acquire();
    expect([first.instance.port, second.instance.port].sort()).toEqual([1, 2]);
    second.release();
    second.release();
    expect(pool.pending(second.instance.id)).toBe(0);
    expect(pool.acquire().instance.id).toBe(second.instance.id);
  });

  it('takes an instance that drains for a moment, when the drain arrives before the switch', async () => {
    registry.online(a, c);
    const pool = open();
    await pool.ready;
    registry.drain(a);
    await quiet();
    expect(pool.pick()).toMatchObject({ port: 1 });
    expect(pool.has(a)).toBe(true);
    registry.deploy({ name: 'web', app: 'web', version: '2.0.0' });
    await quiet();
    expect(pool.pick()).toMatchObject({ port: 3 });
    expect(pool.has(a)).toBe(false);
    registry.drain(c);
    await timers.advance(2000);
    expect(pool.pick()).toBeUndefined();
  });
});

describe('a preference for near instances', () => {
  const [far, canary] = [instanceOf('1.0.0', 4, { meta: { zone: 'us-1' } }), instanceOf('2.0.0', 5)];
  const [near, near2] = [6, 7].map((port) => instanceOf('1.0.0', port, { meta: { zone: 'eu-1' } })) as [
    Registration,
    Registration,
  ];
  const picked = (pool: Pool): number[] => [...new Set([1, 2, 3, 4, 5, 6].map(() => pool.pick()!.port))].sort();

  it('takes them as long as enough take requests, all if there are fewer, and them again', async () => {
    registry.online(far, near, near2);
    const pool = open({ near: 'zone:eu-1', nearAtLeast: 2, pick: 'round-robin' });
    await pool.ready;
    expect(ports(pool)).toEqual([6, 7]);
    expect(pool.has(far)).toBe(false);
    registry.drain(near2);
    await quiet();
    expect(takers(pool)).toEqual([4, 6]);
    expect(pool.has(far)).toBe(true);
    registry.online(near2);
    await quiet();
    expect(picked(pool)).toEqual([6, 7]);
    registry.offline(near);
    await quiet();
    expect(picked(pool)).toEqual([4, 7]);
  });

  it('holds for each version of a split by itself, so that each keeps its share', async () => {
    registry.deploy({ name: 'web', app: 'web', split: { '1.0.0': 90, '2.0.0': 10 } });
    registry.online(far, near, canary);
    const pool = open({ near: 'zone:eu-1' });
    await pool.ready;
    expect(pool.instances.map(({ port, weight }) => [port, weight])).toEqual([
      [6, 9],
      [5, 1],
    ]);
  });

  it('gives others when all near ones have just failed, or were tried', async () => {
    registry.online(far, near);
    const pool = open({ near: 'zone:eu-1' });
    await pool.ready;
    expect(picked(pool)).toEqual([6]);
    expect(pool.pick({ except: new Set([near.id]) })).toMatchObject({ port: 4 });
    pool.failed(near);
    expect(picked(pool)).toEqual([4]);
    pool.failed(far);
    expect(picked(pool)).toEqual([6]);
    await timers.advance(1000);
    expect(picked(pool)).toEqual([6]);
  });

  it('holds for what daemons know that cannot be trusted, too', async () => {
    registry.online(far, near);
    registry.trouble = 'stale';
    const pool = open({ near: 'zone:eu-1' });
    await pool.ready;
    expect(ports(pool)).toEqual([6]);
    registry.recover();
    registry.offline(near);
    await quiet();
    expect(ports(pool)).toEqual([4]);
    registry.fail('stale');
    registry.online(near);
    await timers.advance(2000);
    expect(ports(pool)).toEqual([6]);
    expect(pool.status.state).toBe('kept');
  });

  it.each([
    [{ near: 'eu-1' }, "'near' must be a name"],
    [{ near: 'zone:eu-1', nearAtLeast: 0 }, "'nearAtLeast' must be a whole number above 0"],
    [{ near: 'zone:eu-1', nearAtLeast: 1.5 }, "'nearAtLeast' must be a whole number above 0"],
    [{ nearAtLeast: 2 }, "'nearAtLeast' needs 'near'"],
  ])('is refused: %j', (options, message) => {
    expect(() => open(options)).toThrow(message);
    expect(() => new Pools({ pool: () => open() }, options)).toThrow(message);
  });
});

describe('slow start', () => {
  const weights = (pool: Pool): number[] => pool.instances.map(({ weight }) => weight);
  const warming = { name: 'web', app: 'web', version: '1.0.0', warmupMs: 3000 };

  it('raises the weight of what comes online in steps, and tells of each', async () => {
    registry.deploy(warming);
    registry.online(a);
    const pool = open();
    await pool.ready;
    const told: number[][] = [];
    pool.onUpdate(() => told.push(weights(pool)));
    await timers.advance(500);
    registry.online(b);
    await quiet();
    expect(weights(pool)).toEqual([4, 1]);
    await timers.advance(999);
    expect(weights(pool)).toEqual([4, 1]);
    await timers.advance(1);
    expect(weights(pool)).toEqual([2, 1]);
    await timers.advance(1000);
    expect(weights(pool)).toEqual([4, 3]);
    await timers.advance(1000);
    expect(weights(pool)).toEqual([1, 1]);
    const count = told.length;
    await timers.advance(60_000);
    expect(told.length).toBe(count);
  });

  it('begins anew with an instance that comes back, and ends with the warm-up of the backend', async () => {
    registry.deploy(warming);
    registry.online(a, b);
    const pool = open();
    await pool.ready;
    expect(weights(pool)).toEqual([1, 1]);
    registry.offline(b);
    registry.online(b);
    await quiet();
    expect(weights(pool)).toEqual([4, 1]);
    registry.deploy({ name: 'web', app: 'web', version: '1.0.0' });
    await quiet();
    expect(weights(pool)).toEqual([1, 1]);
    // It was online before the warm-up was set.
    registry.deploy({ ...warming, warmupMs: 60_000 });
    await quiet();
    expect(weights(pool)).toEqual([1, 1]);
  });

  it('takes a step of a shorter warm-up before one of a longer that is waited for', async () => {
    registry.deploy({ ...warming, warmupMs: 60_000 });
    registry.online(a);
    const pool = open();
    await pool.ready;
    registry.online(b);
    await quiet();
    registry.deploy(warming);
    registry.offline(b);
    registry.online(b);
    await timers.advance(1000);
    expect(weights(pool)).toEqual([2, 1]);
  });

  it('is not late with timers that wake a moment early', async () => {
    registry.deploy(warming);
    registry.online(a);
    const early: Timers = {
      now: () => timers.now(),
      random: () => 0,
      sleep: (ms, signal) => timers.sleep(ms > 1 ? ms - 0.5 : ms, signal),
    };
    const pool = open({ timers: early });
    await pool.ready;
    registry.online(b);
    await timers.advance(1001);
    expect(weights(pool)).toEqual([2, 1]);
  });

  it('takes for warm what a snapshot has brought, since no daemon says for how long it is there', async () => {
    registry.deploy(warming);
    registry.online(a);
    const pool = open();
    await pool.ready;
    registry.fail('unreachable');
    registry.online(b);
    registry.recover();
    await quiet();
    expect(weights(pool)).toEqual([1, 1]);
  });

  it('keeps the shares of a split, and holds among near instances', async () => {
    const [near, near2] = [6, 7].map((port) => instanceOf('1.0.0', port, { meta: { zone: 'eu-1' } }));
    registry.deploy({ name: 'web', app: 'web', split: { '1.0.0': 50, '2.0.0': 50 }, warmupMs: 3000 });
    registry.online(a, near!, c);
    const pool = open({ near: 'zone:eu-1' });
    await pool.ready;
    registry.online(near2!);
    await quiet();
    expect(pool.instances.map(({ port, weight }) => [port, weight])).toEqual([
      [6, 4],
      [3, 5],
      [7, 1],
    ]);
  });

  it('waits for nothing once the pool is closed', async () => {
    const sleeps = jest.spyOn(timers, 'sleep');
    registry.deploy(warming);
    registry.online(a);
    const pool = open();
    await pool.ready;
    registry.online(b);
    await quiet();
    expect(sleeps.mock.calls.some(([, signal]) => !signal?.aborted)).toBe(true);
    await pool.close();
    expect(sleeps.mock.calls.filter(([, signal]) => !signal?.aborted)).toEqual([]);
  });
});

it('has updates that end when their signal aborts', async () => {
  const pool = open();
  const stop = new AbortController();
  const updates: PoolUpdate[] = [];
  const read = (async () => {
    for await (const update of pool.updates(stop.signal)) updates.push(update);
  })();
  await pool.ready;
  stop.abort();
  await read;
  expect(updates.length).toBeGreaterThan(0);
  await pool.close();
});

describe('the pools of a caller', () => {
  const opened = (options: PoolOptions & { waitMs?: number } = {}): { pools: Pools; pool: Pool } => {
    const pools = new Pools({ pool: (_, ofPool) => open(ofPool) }, { timers, ...options });
    return { pools, pool: pools.of('www') };
  };

  it('are waited for longer than a daemon that hangs holds up the client', async () => {
    registry.online(a);
    registry.trouble = 'unreachable';
    const { pools, pool } = opened();
    const known = pools.known(pool);
    await timers.advance(5500);
    registry.recover();
    await known;
    expect(ports(pool)).toEqual([1]);
  });

  it('keep nothing of a request that no longer waits', async () => {
    registry.trouble = 'unreachable';
    const { pools, pool } = opened({ waitMs: 100 });
    const then = jest.spyOn(pool.ready, 'then');
    const late = Promise.allSettled([1, 2, 3].map(() => pools.known(pool)));
    const stop = new AbortController();
    const ended = pools.known(pool, stop.signal);
    stop.abort(new Error('the end'));
    await expect(ended).rejects.toThrow('the end');
    await timers.advance(100);
    expect((await late).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(then).not.toHaveBeenCalled();
    await pools.close();
  });

  it('refuse as the daemon does, also requests that come later', async () => {
    registry.refusal = new AccessError('TOKEN_MISSING', 'a token is needed', 'read');
    const { pools, pool } = opened();
    await expect(pools.known(pool)).rejects.toThrow('a token is needed');
    await expect(pools.known(pool)).rejects.toThrow('a token is needed');
    await pools.close();
  });
});
