import { describe, expect, it } from '@jest/globals';
import type { Daemon } from '../../../../src/daemon/core/daemon.js';
import type { DrainRuleFields } from '../../../../src/model/drain-rule.js';
import { NotReadyError, TooFewOnlineError } from '../../../../src/model/errors.js';
import { World } from '../../../helpers/world.js';

const rule: DrainRuleFields = { name: 'bad', app: 'web', version: '1.0.0', reason: 'leaks' };
const instance = (version: string, host: string) => ({ app: 'web', version, host, port: 80 });

/** Three daemons that know each other, and one instance of 1.0.0. */
async function bench() {
  const world = new World(1, { delay: [1, 1] });
  const daemons: Daemon[] = [];
  for (const name of ['a', 'b', 'c'])
    daemons.push(
      await world.complete(
        world.start(name, { peers: daemons.slice(0, 1).map((one) => one.settings.url), warmForMs: 0 }),
      ),
    );
  const [a, b, c] = daemons as [Daemon, Daemon, Daemon];
  a.register(instance('1.0.0', 'h1'), { ttl: 600_000 });
  await world.until(() => daemons.every((one) => one.registrations({ app: 'web' }).length === 1 && one.ready), 5000);
  await world.until(() => daemons.every((one) => one.membership.live().length === 3), 3000);
  const spread = (daemon: Daemon) => world.complete(daemon.catalog.delivered());
  return { world, a, b, c, daemons, spread };
}

/** What a daemon has told of the instances of the app, from its start. */
const story = (daemon: Daemon) =>
  daemon.events.since(`${daemon.events.runId}:0`)!.flatMap(({ event }) => {
    if ('drainRule' in event) return [`${event.type} ${event.drainRule.name}`];
    if (!('registration' in event) || event.registration.app !== 'web') return [];
    const { host, draining, drainRule = '' } = event.registration;
    return [`${event.type} ${host} ${draining} ${drainRule}`.trim()];
  });
const draining = (daemon: Daemon) =>
  daemon.registrations({ app: 'web' }).map((one) => `${one.host} ${one.draining} ${one.drainRule ?? ''}`.trim());

describe('a drain rule', () => {
  it('is on all daemons when its write is answered, and each says so once', async () => {
    const { a, b, daemons, spread, world } = await bench();
    b.catalog.drainRules.create(rule, 'jane');
    await spread(b);
    expect(daemons.map(draining)).toEqual([['h1 true bad'], ['h1 true bad'], ['h1 true bad']]);
    a.catalog.drainRules.delete('bad', 'jane');
    await spread(a);
    await world.advance(1000);
    for (const daemon of daemons)
      expect(story(daemon).slice(-4)).toEqual([
        'drain-rule-created bad',
        'updated h1 true bad',
        'drain-rule-deleted bad',
        'updated h1 false',
      ]);
    expect(a.catalog.history({ drainRule: 'bad', limit: 9 })).toMatchObject([
      { kind: 'drain-rule', author: 'jane', from: { app: 'web' } },
      { kind: 'drain-rule', author: 'jane', to: { app: 'web', version: '1.0.0', reason: 'leaks' } },
    ]);
  });

  it('drains what comes later from its first event on, at every daemon', async () => {
    const { a, b, c, daemons, spread, world } = await bench();
    a.catalog.drainRules.create(rule, 'jane');
    await spread(a);
    expect(b.register(instance('1.0.0', 'h2'), { ttl: 600_000 }).registration).toMatchObject({ drainRule: 'bad' });
    c.register(instance('2.0.0', 'h3'), { ttl: 600_000 });
    await world.advance(1000);
    for (const daemon of daemons) {
      expect(story(daemon)).toContain('online h2 true bad');
      expect(story(daemon).filter((line) => /h[23]/.test(line))).toHaveLength(2);
      expect(draining(daemon)).toEqual(['h1 true bad', 'h2 true bad', 'h3 false']);
      expect(Object.fromEntries(daemon.available('web'))).toEqual({ '1.0.0': 0, '2.0.0': 1 });
    }
  });

  it('leaves the decision on an instance as it is, and that one the rule', async () => {
    const { a, b, daemons, spread, world } = await bench();
    const id = 'web/1.0.0/h1/80';
    const decide = (state: boolean) => world.complete(b.setState(id, { draining: state, reason: 'kernel' }));
    await decide(true);
    a.catalog.drainRules.create(rule, 'jane');
    await spread(a);
    expect(a.registration(id)).toMatchObject({ draining: true, drainReason: 'kernel' });
    a.catalog.drainRules.delete('bad', 'jane');
    await spread(a);
    expect(daemons.map(draining)).toEqual([['h1 true'], ['h1 true'], ['h1 true']]);
    a.catalog.drainRules.create(rule, 'jane');
    expect(await decide(false)).toMatchObject({ draining: true, drainRule: 'bad', drainReason: 'leaks' });
    await world.advance(1000);
    expect(daemons.map(draining)).toEqual([['h1 true bad'], ['h1 true bad'], ['h1 true bad']]);
  });

  it('holds at a daemon that joins, from its first answer on, and when all others are gone', async () => {
    const { world, a, b, c, spread } = await bench();
    a.catalog.drainRules.create(rule, 'jane');
    await spread(a);
    const d = await world.complete(world.start('d', { peers: [a.settings.url] }));
    await world.until(() => d.synced, 3000);
    expect(draining(d)).toEqual(['h1 true bad']);
    await world.complete(Promise.all([a, b, c].map((one) => one.stop())));
    d.register(instance('1.0.0', 'h9'), {});
    expect(d.registration('web/1.0.0/h9/80')).toMatchObject({ draining: true, drainRule: 'bad' });
  });

  it('is refused while it would leave a frontend with nothing, unless by force', async () => {
    const { a } = await bench();
    const { backends, frontends, drainRules } = a.catalog;
    backends.create({ name: 'web', app: 'web', version: '1.0.0' }, 'jane');
    const add = (fields: Partial<DrainRuleFields> = {}, atLeast = 1) =>
      drainRules.create({ ...rule, ...fields }, 'jane', { atLeast });
    // No frontend serves it yet.
    add();
    drainRules.delete('bad', 'jane');
    frontends.create({ name: 'www', backend: 'web' }, 'jane');
    expect(() => add()).toThrow(
      "the drain rule 'bad' would leave nothing for backend 'web', which frontend 'www' serves: to drain it all the same",
    );
    expect(() => add({ version: '^1.0.0' })).toThrow(TooFewOnlineError);
    add({ name: 'other', version: '2.0.0' });
    expect(() => drainRules.update('other', { version: null }, 'jane')).toThrow(TooFewOnlineError);
    backends.update('web', { split: { '1.0.0': 1, '1.1.0': 1 } }, 'jane', { atLeast: 0 });
    a.register(instance('1.1.0', 'h2'), { ttl: 600_000 });
    // The other version takes its share over.
    add();
    expect(() => add({ name: 'rest', version: '1.1.0' })).toThrow(TooFewOnlineError);
    add({ name: 'rest', version: '1.1.0' }, 0);
    drainRules.delete('rest', 'jane');
    expect(() => drainRules.rollback('rest', 'jane')).toThrow(TooFewOnlineError);
    expect(() => backends.update('web', { version: '1.0.0' }, 'jane')).toThrow(
      "nothing of web@1.0.0 is online and not draining (the rule 'bad' drains 1.0.0): to point the backend there",
    );
  });

  it('is refused of a version that is served and of which nothing is online now', async () => {
    const { a } = await bench();
    const { backends, frontends, drainRules } = a.catalog;
    backends.create({ name: 'web', app: 'web', version: '9.0.0' }, 'jane');
    frontends.create({ name: 'www', backend: 'web' }, 'jane');
    expect(() => drainRules.create({ ...rule, version: '9.0.0' }, 'jane')).toThrow(TooFewOnlineError);
    drainRules.create({ ...rule, version: '8.0.0' }, 'jane');
  });

  it('is not refused for good by a daemon that has just started: it may not know all', async () => {
    const world = new World(1);
    const a = await world.complete(world.start('a', {}));
    a.catalog.backends.create({ name: 'web', app: 'web', version: '1.0.0' }, 'jane');
    a.catalog.frontends.create({ name: 'www', backend: 'web' }, 'jane');
    expect(a.ready).toBe(false);
    expect(() => a.catalog.drainRules.create(rule, 'jane')).toThrow(NotReadyError);
  });

  it('may not be about the daemons themselves', async () => {
    const { a } = await bench();
    expect(() => a.catalog.drainRules.create({ ...rule, app: 'bender' }, 'jane')).toThrow("must not be 'bender'");
  });
});
