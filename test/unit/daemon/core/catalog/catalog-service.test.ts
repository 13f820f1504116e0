import { describe, expect, it } from '@jest/globals';
import type { Daemon } from '../../../../../src/daemon/core/daemon.js';
import { ConflictError, NotFoundError, NotReadyError, TooFewOnlineError } from '../../../../../src/model/errors.js';
import { World } from '../../../../helpers/world.js';

const instance = (version: string, host = `h${version}`) => ({ app: 'web', version, host, port: 80 });
const one = { name: 'web', app: 'web', version: '1' };

/** Daemons that know each other and are sure which are alive; versions 1 and 2 are online. */
async function bench(...names: string[]) {
  const world = new World(1);
  const daemons: Daemon[] = [];
  for (const name of names)
    daemons.push(
      await world.complete(
        world.start(name, { peers: daemons.slice(0, 1).map((one) => one.settings.url), warmForMs: 0 }),
      ),
    );
  for (const version of ['1', '2']) daemons[0]!.register(instance(version), { ttl: 600_000 });
  await world.until(() => daemons.every((daemon) => daemon.registrations({ app: 'web' }).length === 2 && daemon.ready));
  return { world, daemons };
}

const backendsOf = ({ catalog }: Daemon) => catalog.backends;
const versionAt = (daemon: Daemon) => backendsOf(daemon).get('web').version;
const historyOf = ({ catalog }: Daemon) => catalog.history({ backend: 'web', limit: 100 });

it('writes down the author, the time and the daemon, in one change each', async () => {
  const { world, daemons } = await bench('a', 'b');
  const [a, b] = daemons as [Daemon, Daemon];
  const changes = () => a.documents.catalog.document.changesSince([]).length;
  backendsOf(a).create(one, 'jane@desk');
  backendsOf(a).update('web', { version: '2' }, '10.0.0.7');
  expect(changes()).toBe(2);
  backendsOf(a).update('web', { version: '2' }, 'nobody');
  expect(changes()).toBe(2);
  await world.until(() => b.catalog.backends.list().length === 1 && versionAt(b) === '2');
  expect(historyOf(b)).toMatchObject([
    { author: '10.0.0.7', daemon: 'a', from: { version: '1' }, to: { version: '2' } },
    { author: 'jane@desk', daemon: 'a', to: { version: '1' } },
  ]);
  expect(Math.abs(historyOf(b)[0]!.at - 1_700_000_000_000 - world.time)).toBeLessThanOrEqual(1000);
});

describe('a backend', () => {
  it('is not pointed at nothing, unless by force', async () => {
    const [a] = (await bench('a')).daemons as [Daemon];
    const backends = backendsOf(a);
    backends.create({ ...one, version: '9' }, 'jane');
    backends.update('web', { version: '9' }, 'jane');
    backends.update('web', { version: '1' }, 'jane');
    const refused = (change: object, atLeast = 1) =>
      expect(() => backends.update('web', change, 'jane', { atLeast })).toThrow(TooFewOnlineError);
    refused({ version: '3' });
    refused({ app: 'api' });
    refused({ version: '2' }, 2);
    refused({ split: { '1': 1, '3': 1 } });
    expect(backends.get('web').version).toBe('1');
    expect(historyOf(a)).toHaveLength(2);

    expect(backends.update('web', { split: { '1': 1, '2': 1, '3': 0 } }, 'jane')).toMatchObject({
      split: { '1': 1, '2': 1, '3': 0 },
    });
    expect(backends.update('web', { version: '3' }, 'jane', { atLeast: 0 })).toMatchObject({ version: '3' });
  });

  it('is not pointed at what drains', async () => {
    const { world, daemons } = await bench('a');
    const [a] = daemons as [Daemon];
    backendsOf(a).create(one, 'jane');
    await world.complete(a.setState('web/2/h2/80', { draining: true }));
    expect(() => backendsOf(a).update('web', { version: '2' }, 'jane')).toThrow(
      'nothing of web@2 is online and not draining: to point the backend there all the same, use --force',
    );
    a.register(instance('2', 'other'), {});
    backendsOf(a).update('web', { version: '2' }, 'jane');
    expect(() => backendsOf(a).update('web', { app: 'web', version: '1' }, 'jane', { atLeast: 3 })).toThrow(
      'only 1, not 3, of web@1 is online',
    );
  });

  it('is not refused for good by a daemon that cannot know yet', async () => {
    const world = new World(1);
    const a = await world.complete(world.start('a', { warmForMs: 4000 }));
    backendsOf(a).create(one, 'jane');
    const update = () => backendsOf(a).update('web', { version: '2' }, 'jane');
    expect(update).toThrow(NotReadyError);
    await world.advance(4500);
    expect(update).toThrow(TooFewOnlineError);
  });
});

describe('a rollback', () => {
  it('makes it what it was before, and a second one undoes the first', async () => {
    const [a] = (await bench('a')).daemons as [Daemon];
    const backends = backendsOf(a);
    backends.create(one, 'jane');
    backends.update('web', { split: { '1': 3, '2': 1 } }, 'jane');
    expect(backends.rollback('web', 'joe')).toMatchObject({ version: '1' });
    expect(backends.rollback('web', 'joe')).toMatchObject({ split: { '1': 3, '2': 1 } });
    expect(backends.rollback('web', 'joe')).toMatchObject({ version: '1' });
    expect(historyOf(a).map(({ author }) => author)).toEqual(['joe', 'joe', 'joe', 'jane', 'jane']);
  });

  it('is refused where there is nothing to go back to, or nothing online there', async () => {
    const [a] = (await bench('a')).daemons as [Daemon];
    const backends = backendsOf(a);
    const rolled = (atLeast?: number) => () =>
      backends.rollback('web', 'joe', atLeast === undefined ? {} : { atLeast });
    expect(rolled()).toThrow(NotFoundError);
    backends.create({ ...one, version: '9' }, 'jane');
    expect(rolled()).toThrow("backend 'web' has not been anything else before");
    backends.update('web', { version: '1' }, 'jane');
    expect(rolled()).toThrow(TooFewOnlineError);
    expect(rolled(0)()).toMatchObject({ version: '9' });
    backends.delete('web', 'jane');
    backends.create(one, 'jane');
    expect(rolled()).toThrow(NotFoundError);
  });
});

it('says that there was a conflict, until the next write settles it', async () => {
  const { world, daemons } = await bench('a', 'b');
  const [a, b] = daemons as [Daemon, Daemon];
  backendsOf(a).create(one, 'jane');
  a.catalog.frontends.create({ name: 'www', backend: 'web' }, 'jane');
  await world.until(() => b.catalog.frontends.list().length === 1);
  world.partition(['a'], ['b']);
  backendsOf(a).update('web', { version: '2' }, 'jane');
  backendsOf(b).update('web', { split: { '1': 1, '2': 1 } }, 'joe');
  a.catalog.frontends.update('www', { backend: 'blue' }, 'jane', { atLeast: 0 });
  b.catalog.frontends.delete('www', 'joe');
  expect(backendsOf(a).show('web')).not.toHaveProperty('conflict');
  world.heal();
  await world.until(() => JSON.stringify(historyOf(a)) === JSON.stringify(historyOf(b)));

  const shown = daemons.map((daemon) => backendsOf(daemon).show('web'));
  expect(shown[1]).toEqual(shown[0]);
  const { conflict, ...won } = shown[0]!;
  const sides = [
    { resource: 'Backend', name: 'web', app: 'web', version: '2' },
    { resource: 'Backend', name: 'web', app: 'web', split: { '1': 1, '2': 1 } },
  ];
  expect([won, ...conflict!]).toHaveLength(2);
  expect([won, ...conflict!]).toEqual(expect.arrayContaining(sides));
  expect(
    historyOf(a)
      .map(({ concurrent, author }) => `${author}${concurrent ? '!' : ''}`)
      .sort(),
  ).toEqual(['jane', 'jane!', 'joe!']);
  expect(() => backendsOf(a).rollback('web', 'joe')).toThrow(ConflictError);

  backendsOf(b).update('web', { version: '1' }, 'joe');
  await world.until(() => versionAt(a) === '1');
  expect(daemons.map((daemon) => backendsOf(daemon).show('web').conflict)).toEqual([undefined, undefined]);
  expect(backendsOf(a).rollback('web', 'joe')).toEqual(won);
});

describe('a write with an idempotency key', () => {
  const by = (key: string) => ({ author: 'jane', key });

  it('is done once at one daemon, and answered alike', async () => {
    const [a] = (await bench('a')).daemons as [Daemon];
    const backends = backendsOf(a);
    backends.create(one, by('k1'));
    expect(backends.create(one, by('k1'))).toMatchObject({ version: '1' });
    backends.update('web', { version: '2' }, by('k2'));
    expect(backends.rollback('web', by('k3'))).toMatchObject({ version: '1' });
    expect(backends.rollback('web', by('k3'))).toMatchObject({ version: '1' });
    expect(backends.update('web', { version: '2' }, by('k2'))).toMatchObject({ version: '2' });
    expect(versionAt(a)).toBe('1');
    backends.delete('web', by('k4'));
    backends.delete('web', by('k4'));
    expect(historyOf(a)).toHaveLength(4);
    expect(() => backends.create(one, by('k4'))).toThrow(ConflictError);
    expect(() => backends.update('other', {}, by('k3'))).toThrow(ConflictError);
  });

  it('is known at a daemon that the edit has not reached yet, once that has asked', async () => {
    const { world, daemons } = await bench('a', 'b');
    const [a, b] = daemons as [Daemon, Daemon];
    backendsOf(a).create(one, 'jane');
    backendsOf(a).update('web', { version: '2' }, 'jane');
    await world.until(() => b.catalog.backends.list().length === 1 && versionAt(b) === '2');
    backendsOf(a).rollback('web', by('k'));
    await world.complete(b.catalog.lookFor('k'));
    expect(backendsOf(b).rollback('web', by('k'))).toMatchObject({ version: '1' });
    expect(historyOf(b)).toHaveLength(3);
  });

  it('is one edit even if it was made on both sides of a split', async () => {
    const { world, daemons } = await bench('a', 'b');
    const [a, b] = daemons as [Daemon, Daemon];
    backendsOf(a).create(one, 'jane');
    backendsOf(a).update('web', { version: '2' }, 'jane');
    await world.until(() => b.catalog.backends.list().length === 1 && versionAt(b) === '2');
    world.partition(['a'], ['b']);
    for (const daemon of daemons) expect(backendsOf(daemon).rollback('web', by('k'))).toMatchObject({ version: '1' });
    world.heal();
    const changes = () => daemons.map(({ documents }) => documents.catalog.document.changesSince([]).length);
    await world.until(() => changes().every((count) => count === 4));
    for (const daemon of daemons) {
      expect(historyOf(daemon)).toHaveLength(3);
      expect(historyOf(daemon).some(({ concurrent }) => concurrent)).toBe(false);
      expect(backendsOf(daemon).show('web')).not.toHaveProperty('conflict');
    }
    expect(backendsOf(b).rollback('web', by('k'))).toMatchObject({ version: '1' });
    expect(backendsOf(b).rollback('web', 'jane')).toMatchObject({ version: '2' });
  });
});

describe('going back', () => {
  it('undoes the edit that it names, and no other', async () => {
    const [a] = (await bench('a')).daemons as [Daemon];
    const backends = backendsOf(a);
    backends.create(one, 'jane');
    backends.update('web', { version: '2' }, 'jane');
    const [last] = historyOf(a);
    expect(() => backends.rollback('web', 'jane', { of: 'unknown-edit' })).toThrow(NotReadyError);
    expect(backends.rollback('web', 'jane', { of: last!.id.slice(0, 8) })).toMatchObject({ version: '1' });
    expect(() => backends.rollback('web', 'jane', { of: last!.id })).toThrow(ConflictError);
  });

  it('brings back what was removed, and goes further back', async () => {
    const [a] = (await bench('a')).daemons as [Daemon];
    const { backends, frontends } = a.catalog;
    backends.create(one, 'jane');
    backends.update('web', { version: '2' }, 'jane');
    frontends.create({ name: 'www', backend: 'web' }, 'jane');
    frontends.delete('www', 'jane');
    expect(frontends.rollback('www', 'jane')).toMatchObject({ backend: 'web' });
    frontends.delete('www', 'jane');
    backends.delete('web', 'jane');
    expect(() => frontends.rollback('www', 'jane')).toThrow(TooFewOnlineError);
    expect(backends.rollback('web', 'jane')).toMatchObject({ version: '2' });
    expect(frontends.rollback('www', 'jane')).toMatchObject({ backend: 'web' });
    const created = historyOf(a).at(-1)!;
    expect(backends.rollback('web', 'jane', { to: created.id })).toMatchObject({ version: '1' });
    const removed = historyOf(a).find(({ to }) => to === undefined)!;
    expect(() => backends.rollback('web', 'jane', { to: removed.id })).toThrow(NotFoundError);
    expect(() => backends.rollback('web', 'jane', { to: '0000000' })).toThrow(NotFoundError);
  });
});

describe('callers are not sent to nothing', () => {
  it('by removing a backend that frontends serve', async () => {
    const [a] = (await bench('a')).daemons as [Daemon];
    const { backends, frontends } = a.catalog;
    backends.create(one, 'jane');
    frontends.create({ name: 'www', backend: 'web' }, 'jane');
    expect(() => backends.delete('web', 'jane')).toThrow(
      "backend 'web' is what frontend 'www' serves: to remove it all the same, use --force",
    );
    frontends.create({ name: 'shop', backend: 'web' }, 'jane');
    expect(() => backends.delete('web', 'jane')).toThrow("frontends 'shop', 'www' serve");
    backends.delete('web', 'jane', { atLeast: 0 });
    expect(backends.list()).toEqual([]);
  });

  it('by having a frontend serve what is not there, or has nobody online', async () => {
    const [a] = (await bench('a')).daemons as [Daemon];
    const { backends, frontends } = a.catalog;
    backends.create(one, 'jane');
    backends.create({ ...one, name: 'empty', version: '9' }, 'jane');
    frontends.create({ name: 'www', backend: 'web' }, 'jane');
    for (const backend of ['empty', 'none'])
      expect(() => frontends.update('www', { backend }, 'jane')).toThrow(TooFewOnlineError);
    expect(frontends.get('www').backend).toBe('web');
    expect(frontends.update('www', { backend: 'none' }, 'jane', { atLeast: 0 })).toMatchObject({
      backend: 'none',
    });
    expect(frontends.update('www', { backend: 'none' }, 'jane')).toMatchObject({ backend: 'none' });
    frontends.create({ name: 'free', backend: 'later' }, 'jane');
    expect(() => frontends.create({ name: 'strict', backend: 'later' }, 'jane', { atLeast: 1 })).toThrow(
      "backend 'later' does not exist",
    );
  });
});

describe('routing facts', () => {
  const routing = { hosts: ['www.example.com'] };

  it('change without an instance online, and stay with a change that does not name them', async () => {
    const [a] = (await bench('a')).daemons as [Daemon];
    const { backends, frontends } = a.catalog;
    backends.create({ ...one, version: '9' }, 'jane');
    frontends.create({ name: 'www', backend: 'web', routing }, 'jane');
    expect(backends.update('web', { routing }, 'jane')).toEqual({
      resource: 'Backend',
      ...one,
      version: '9',
      routing,
    });
    expect(frontends.update('www', { routing: { pathPrefix: '/' } }, 'jane').routing).toEqual({ pathPrefix: '/' });
    expect(backends.update('web', { version: '1' }, 'jane').routing).toEqual(routing);
    expect(frontends.update('www', { backend: 'web' }, 'jane').routing).toEqual({ pathPrefix: '/' });
    expect(backends.update('web', { routing: null }, 'jane')).not.toHaveProperty('routing');
    expect(frontends.update('www', { routing: null }, 'jane')).not.toHaveProperty('routing');
  });

  it('go back with a rollback', async () => {
    const [a] = (await bench('a')).daemons as [Daemon];
    const { backends } = a.catalog;
    backends.create({ ...one, routing }, 'jane');
    backends.update('web', { routing: null }, 'jane');
    expect(backends.rollback('web', 'jane').routing).toEqual(routing);
    expect(backends.rollback('web', 'jane')).not.toHaveProperty('routing');
  });
});
