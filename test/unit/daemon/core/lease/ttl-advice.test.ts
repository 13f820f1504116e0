import { World } from '../../../../helpers/world.js';

const web = { app: 'web', version: '1.0.0', host: '10.0.0.1', port: 8080 };

/** What a daemon logs about TTLs. */
async function bench(settings: { ttlMs?: number; peerTimeoutMs?: number }) {
  const world = new World(1);
  const daemon = await world.complete(world.start('a', settings));
  return { daemon, said: () => world.host('a').logged.filter((line) => line.includes('a TTL below')) };
}

describe('a TTL of less than half the peer timeout', () => {
  it('is warned of when it is the default', async () => {
    expect((await bench({ ttlMs: 4000, peerTimeoutMs: 10_000 })).said()).toHaveLength(1);
    expect((await bench({ ttlMs: 5000, peerTimeoutMs: 10_000 })).said()).toEqual([]);
    expect((await bench({})).said()).toEqual([]);
  });

  it('is warned of once when it is asked for, and taken', async () => {
    const { daemon, said } = await bench({ ttlMs: 6000, peerTimeoutMs: 10_000 });
    daemon.register(web, { ttl: 5000 });
    expect(said()).toEqual([]);
    expect(daemon.register({ ...web, port: 1 }, { ttl: 4999 }).registration.ttl).toBe(4999);
    daemon.register({ ...web, port: 2 }, { ttl: 1000 });
    expect(said()).toEqual([expect.stringContaining('below 5000 ms')]);
  });
});
