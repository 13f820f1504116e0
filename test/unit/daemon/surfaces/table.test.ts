/** Every surface in every state: docs/surfaces.md has the rules. */

import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { surfaces } from '../../../../src/daemon/surfaces/list.js';
import { formatId } from '../../../../src/model/registration.js';
import { ApiServer } from '../../../helpers/api-server.js';
import { rows } from './rows/rows.js';
import type { Shown } from './rows/row.js';

let server: ApiServer;
beforeAll(async () => {
  server = await ApiServer.start();
  const { backends, frontends } = server.daemon.catalog;
  backends.create({ name: 'web', app: 'web', version: '1.0.0' }, 'test');
  frontends.create({ name: 'www', backend: 'web' }, 'test');
});
afterAll(() => server.stop());

/** Surfaces of HTTP that are about no instances. */
const others = new Set(['metrics', 'ui', 'openapi']);

it('has a row for each surface', () => {
  const names = surfaces.map(({ name }) => name).filter((name) => !others.has(name));
  expect(
    Object.keys(rows)
      .filter((name) => name !== 'dns')
      .sort(),
  ).toEqual(names.sort());
});

const address = (host: string, port = 80, version = '1.0.0') => ({ app: 'web', version, host, port });

function online(...addresses: ReturnType<typeof address>[]): void {
  for (const one of addresses) server.daemon.register(one, { ttl: 600_000 });
}

afterEach(async () => {
  server.set({ synced: true, ready: true, stale: false });
  for (const { id } of server.daemon.registrations({ app: 'web' })) await server.daemon.deregister(id);
  server.daemon.catalog.backends.update('web', { version: '1.0.0', warmupMs: null }, 'test', { atLeast: 0 });
});

const byAddress = (shown: readonly Shown[] | 'keep'): string[] => {
  if (shown === 'keep') throw new Error('the answer is to keep what there is');
  return shown.map(({ at }) => at).sort();
};

describe.each(Object.keys(rows))('%s', (name) => {
  const row = rows[name]!;
  const leftOut = (): number => (row.counts?.(server) ?? server.surfaceCounts).entriesLeftOut.get(name) ?? 0;

  it.each([
    ['is not synced', { synced: false, ready: false }],
    ['is warming', { ready: false }],
    ['is cut off', { stale: true }],
  ])('has its client keep what it has while the daemon %s', async (_, state) => {
    online(address('10.0.0.1'));
    server.set(state);
    expect((await row.ask(server)).shown).toBe('keep');
  });

  it('says in its own form that there is nothing', async () => {
    const { shown, bytes } = await row.ask(server);
    expect(shown).toEqual([]);
    if (typeof row.empty === 'string') expect(bytes).toBe(row.empty);
    else expect(bytes).toMatch(row.empty);
  });

  it('no longer shows an instance that has gone', async () => {
    online(address('10.0.0.1'), address('10.0.0.2'));
    expect(byAddress((await row.ask(server)).shown)).toEqual(['10.0.0.1:80', '10.0.0.2:80']);
    await server.daemon.deregister(formatId(address('10.0.0.1')));
    expect(byAddress((await row.ask(server)).shown)).toEqual(['10.0.0.2:80']);
  });

  it('says the same in the same state, byte by byte', async () => {
    online(address('10.0.0.2'), address('10.0.0.1'), address('10.0.0.10', 8080));
    const first = await row.ask(server);
    // Another state in between.
    online(address('10.0.0.3'));
    await row.ask(server);
    await server.daemon.deregister(formatId(address('10.0.0.3')));
    expect((await row.ask(server)).bytes).toBe(first.bytes);
    expect(first.etag !== undefined).toBe(row.etag);
    if (row.etag) expect((await row.ask(server, first.etag)).shown).toBe('keep');
  });

  it('shows IPv6', async () => {
    online(address('fd00::1'));
    expect(byAddress((await row.ask(server)).shown)).toEqual(['[fd00::1]:80']);
  });

  it(`has a host name ${row.hostName}`, async () => {
    online(address('web.example.com'), address('10.0.0.1'));
    const before = leftOut();
    const shown = byAddress((await row.ask(server)).shown);
    expect(shown).toEqual(['10.0.0.1:80', ...(row.hostName === 'shown' ? ['web.example.com:80'] : [])]);
    expect(leftOut() > before).toBe(row.hostName === 'left out');
  });

  const { odd } = row;
  // Skipped where everything can be expressed.
  (odd ? it : it.skip)('leaves out one entry that it cannot express, and counts it', async () => {
    online(odd!, address('10.0.0.1'));
    const before = leftOut();
    expect(byAddress((await row.ask(server)).shown)).toEqual(['10.0.0.1:80']);
    expect(leftOut()).toBeGreaterThan(before);
  });

  it(`has what drains ${row.draining}`, async () => {
    online(address('10.0.0.1'), address('10.0.0.2'));
    await server.daemon.setState(formatId(address('10.0.0.2')), { draining: true });
    const { shown } = await row.ask(server);
    expect(byAddress(shown)).toEqual(['10.0.0.1:80', ...(row.draining === 'absent' ? [] : ['10.0.0.2:80'])]);
    const drains = (shown as Shown[]).filter(({ draining }) => draining).map(({ at }) => at);
    expect(drains).toEqual(row.draining === 'marked' ? ['10.0.0.2:80'] : []);
  });

  it('follows a drain rule, also for what comes later', async () => {
    const { drainRules } = server.daemon.catalog;
    online(address('10.0.0.1'));
    await row.ask(server);
    drainRules.create({ name: 'bad', app: 'web', version: '1.0.0' }, 'test', { atLeast: 0 });
    const ruled = (shown: Shown[] | 'keep') => {
      expect(byAddress(shown)).toEqual(row.draining === 'absent' ? [] : ['10.0.0.1:80', '10.0.0.2:80']);
      const drains = (shown as Shown[]).filter(({ draining }) => draining);
      expect(drains).toHaveLength(row.draining === 'marked' ? 2 : 0);
    };
    online(address('10.0.0.2'));
    try {
      ruled((await row.ask(server)).shown);
    } finally {
      drainRules.delete('bad', 'test');
    }
    const { shown } = await row.ask(server);
    expect(byAddress(shown)).toEqual(['10.0.0.1:80', '10.0.0.2:80']);
    expect((shown as Shown[]).some(({ draining }) => draining)).toBe(false);
  });

  it('shows a split', async () => {
    online(address('10.0.0.1'), address('10.0.0.2'), address('10.0.0.3', 80, '2.0.0'));
    server.daemon.catalog.backends.update('web', { split: { '1.0.0': 90, '2.0.0': 10 } }, 'test');
    const { shown } = await row.ask(server);
    expect(byAddress(shown)).toHaveLength(3);
    const weights = (shown as Shown[]).sort((a, b) => (a.at < b.at ? -1 : 1)).map(({ weight }) => weight);
    expect(weights).toEqual(row.split ?? [undefined, undefined, undefined]);
  });

  it('has a quarter of the weight for an instance that has just come online, if the backend has a warm-up', async () => {
    online(address('10.0.0.1'));
    server.daemon.catalog.backends.update('web', { warmupMs: 3_600_000 }, 'test');
    online(address('10.0.0.2'));
    const { shown } = await row.ask(server);
    expect(byAddress(shown)).toEqual(['10.0.0.1:80', '10.0.0.2:80']);
    const [old, young] = (shown as Shown[]).sort((a, b) => (a.at < b.at ? -1 : 1));
    // Shown only where weights are.
    if (row.split) expect(old!.weight! / young!.weight!).toBe(4);
  });

  (row.near ? describe : describe.skip)('with a preference', () => {
    const at = async (zone: string) => byAddress((await row.ask(server, undefined, zone)).shown);
    const inZone = (one: ReturnType<typeof address>, zone: string) =>
      server.daemon.register(one, { ttl: 600_000, meta: { zone } });

    it('shows what is near, and overflows to all if nothing near takes requests', async () => {
      inZone(address('10.0.0.1'), 'eu-1');
      inZone(address('10.0.0.2'), 'eu-2');
      online(address('10.0.0.3'));
      expect(await at('eu-1')).toEqual(['10.0.0.1:80']);
      expect(await at('eu-2')).toEqual(['10.0.0.2:80']);
      expect(await at('eu-3')).toEqual(['10.0.0.1:80', '10.0.0.2:80', '10.0.0.3:80']);
      await server.daemon.deregister(formatId(address('10.0.0.1')));
      expect(await at('eu-1')).toEqual(['10.0.0.2:80', '10.0.0.3:80']);
    });

    it('keeps the shares of a split', async () => {
      inZone(address('10.0.0.1'), 'eu-1');
      inZone(address('10.0.0.2'), 'eu-2');
      inZone(address('10.0.0.3', 80, '2.0.0'), 'eu-2');
      server.daemon.catalog.backends.update('web', { split: { '1.0.0': 90, '2.0.0': 10 } }, 'test');
      const { shown } = await row.ask(server, undefined, 'eu-1');
      expect(byAddress(shown)).toEqual(['10.0.0.1:80', '10.0.0.3:80']);
      const [one, three] = (shown as Shown[]).sort((a, b) => (a.at < b.at ? -1 : 1));
      if (row.split) expect(one!.weight! / three!.weight!).toBe(9);
    });
  });

  it(`shows ${row.most} of 5,000 instances`, async () => {
    const many = Array.from({ length: 5000 }, (_, index) => address(`10.1.${index >> 8}.${index & 255}`));
    online(...many);
    const shown = byAddress((await row.ask(server)).shown);
    if (row.most === 'some') expect(shown.length).toBeGreaterThan(0);
    else expect(shown).toHaveLength(row.most);
    expect(new Set(shown).size).toBe(shown.length);
    const known = new Set(many.map(({ host, port }) => `${host}:${port}`));
    expect(shown.filter((at) => !known.has(at))).toEqual([]);
  });
});
