import { beforeEach, expect, it } from '@jest/globals';
import type { Group, Query } from '../../../../src/daemon/core/registry.js';
import { arrayOf, bytesOf, Contents, fragmentOf } from '../../../../src/daemon/http/contents.js';
import type { Content } from '../../../../src/daemon/http/content.js';
import { Listings } from '../../../../src/daemon/http/listings.js';
import type { Registration } from '../../../../src/model/registration.js';
import { allWarm } from '../../../../src/model/warm-up.js';
import { mostBetweenPauses } from '../../../helpers/pauses.js';

/** A registry with one registration, which counts how often it is asked for it. */
const registry = {
  version: '1.0.0',
  stamped: 0,
  asked: 0,
  stamp: (_: Query) => String(registry.stamped),
  registrations: (_: Query) => {
    registry.asked++;
    return [{ version: registry.version } as Registration];
  },
  available: (_: string) => new Map<string, number>(),
  fresh: () => allWarm,
  groups: (_: Query) => [groupOf('1.0.0', registry.stamped)],
  unhealthyStamp: (_: Query) => 'never',
  unhealthyGroups: (_: Query): Group[] => [],
  registrationsIn: (_: Group) => registry.registrations({}),
};
const groupOf = (version: string, stamp = 1) => ({ app: 'web', version, size: 1, stamp, select: () => [] });

const set = (version: string): void => {
  registry.version = version;
  registry.stamped++;
};

beforeEach(() => {
  Object.assign(registry, { version: '1.0.0', stamped: 0, asked: 0 });
});

it('serialises once while the stamp stays, and again when it changes', async () => {
  const listings = new Listings(registry);
  for (const _ of [1, 2, 3])
    expect((await listings.answer({ app: 'web' }, {})).body).toMatchObject({ data: '[{"version":"1.0.0"}]' });
  expect(registry.asked).toBe(1);
  set('2.0.0');
  expect((await listings.answer({ app: 'web' }, {})).body).toMatchObject({ data: '[{"version":"2.0.0"}]' });
});

it('answers 304 to clients that have it, also after changes that left it the same, also from elsewhere', async () => {
  const etag = (await new Listings(registry).answer({}, {})).headers!.etag as string;
  const listings = new Listings(registry);
  set('1.0.0');
  for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*'])
    expect(await listings.answer({}, { 'if-none-match': known })).toEqual({ status: 304, headers: { etag } });
  expect((await listings.answer({}, { 'if-none-match': '"other"' })).status).toBe(200);
  set('2.0.0');
  expect((await listings.answer({}, { 'if-none-match': etag })).status).toBe(200);
});

it('keeps no more bytes than it may', async () => {
  const listings = new Listings(registry, new Contents(700));
  const ask = (app: string) => listings.answer({ app }, {});
  for (const app of ['a', 'b', 'c']) await ask(app);
  expect(registry.asked).toBe(3);
  await ask('b');
  await ask('c');
  expect(registry.asked).toBe(3);
  await ask('a');
  expect(registry.asked).toBe(4);
});

it('looks again only at the app versions that have changed', async () => {
  const groups = ['1.0.0', '2.0.0', '3.0.0'].map((version) => groupOf(version));
  const asked: string[] = [];
  const listings = new Listings({
    ...registry,
    stamp: () => groups.map(({ stamp }) => stamp).join(),
    groups: () => groups,
    registrationsIn: (group) => {
      const { version } = group;
      asked.push(version);
      return [{ version, ttl: group.stamp } as Registration];
    },
  });
  const first = await listings.answer({}, {});
  groups[1]!.stamp++;
  const second = await listings.answer({}, {});
  expect(asked).toEqual(['1.0.0', '2.0.0', '3.0.0', '2.0.0']);
  expect(second.body).toMatchObject({
    data: JSON.stringify([1, 2, 1].map((ttl, index) => ({ version: groups[index]!.version, ttl }))),
  });
  expect(second.headers!.etag).not.toBe(first.headers!.etag);
});

it.each([
  ['a long list', (listings: Listings) => listings.answer({}, {})],
  ['what a backend stands for', (listings: Listings) => listings.answerTarget({ app: 'web', version: 'x' }, {})],
])('makes %s in slices, of one moment, and once for all that ask meanwhile', async (_, ask) => {
  const groups = [1, 2, 3].map((version) => groupOf(`${version}.0.0`));
  let asked = 0;
  let ttl = 1;
  let made = 0;
  const listings = new Listings({
    ...registry,
    stamp: () => String(ttl),
    groups: () => groups,
    registrationsIn: (group) => {
      asked++;
      const now = ttl;
      return (function* () {
        for (let port = 0; port < 4000; port++) {
          made++;
          const until = performance.now() + 0.002;
          while (performance.now() < until);
          yield { app: 'web', version: group.version, port, ttl: now } as Registration;
        }
      })();
    },
  });
  const [one, other] = [ask(listings), ask(listings)];
  expect([one, other].every((answer) => answer instanceof Promise)).toBe(true);
  expect(made).toBeLessThan(12_000);
  ttl = 2;
  for (const group of groups) group.stamp++;
  for (const answer of [await one, await other]) {
    const list = JSON.parse(String((answer.body as Content).data)) as Registration[];
    expect(list).toHaveLength(12_000);
    expect(new Set(list.map((one) => one.ttl))).toEqual(new Set([1]));
  }
  expect(asked).toBe(3);
});

it.each([0, 1, 199, 200, 201, 450])('puts %d together as JSON has them, whatever was left out', async (count) => {
  const elements = Array.from({ length: count }, (_, index) => ({ index, text: 'é' }));
  const contents = new Contents();
  const make = (every: number) => () =>
    arrayOf(
      fragmentOf(
        elements.flatMap((element) => [element, ...Array<typeof element>(every).fill({ index: -1, text: '' })]),
        ({ index }) => index >= 0,
      ),
    );
  const made = await contents.find('all', '1', make(0));
  expect(String(made.body.data)).toBe(JSON.stringify(elements));
  expect((await contents.find('some', '1', make(3))).etag).toBe(made.etag);
});

it('pauses after some elements, also if none of them is wanted', () => {
  let looked = 0;
  const elements = (function* () {
    while (looked < 5000) yield { port: looked++ };
  })();
  expect(
    mostBetweenPauses(
      fragmentOf(elements, () => false),
      () => looked,
    ),
  ).toBeLessThanOrEqual(200);
  expect(looked).toBe(5000);
});

it('pauses after some app versions, however short they are', () => {
  let asked = 0;
  const listings = new Listings({
    ...registry,
    groups: () => Array.from({ length: 1000 }, () => groupOf('1.0.0')),
    registrationsIn: () =>
      (function* () {
        asked++;
        yield { version: '1.0.0' } as Registration;
      })(),
  });
  expect(mostBetweenPauses(listings.fragmentsOf({}), () => asked)).toBeLessThanOrEqual(50);
  expect(asked).toBe(1000);
});

it('pauses after some bytes that it puts together', () => {
  const pieces = Array.from({ length: 500 }, () => Buffer.alloc(50_000, 'x'));
  const work = bytesOf('[', pieces, ']');
  let pauses = 0;
  let step = work.next();
  for (; !step.done; step = work.next()) pauses++;
  expect(pauses).toBe(500);
  expect(step.value.length).toBe(500 * 50_000 + 499 + 2);
});
