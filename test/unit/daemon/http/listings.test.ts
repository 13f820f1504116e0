import { beforeEach, expect, it } from '@jest/globals';
import type { Group, Query } from '../../../../src/daemon/core/registry.js';
import { Listings } from '../../../../src/daemon/http/listings.js';
import type { Registration } from '../../../../src/model/registration.js';

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
  groups: (query: Query) => [{ query, stamp: registry.stamped, select: () => [] }],
  registrationsIn: (_: Group) => registry.registrations({}),
};
const set = (version: string): void => {
  registry.version = version;
  registry.stamped++;
};

beforeEach(() => {
  Object.assign(registry, { version: '1.0.0', stamped: 0, asked: 0 });
});

it('serialises once while the stamp stays, and again when it changes', () => {
  const listings = new Listings(registry);
  for (const _ of [1, 2, 3])
    expect(listings.answer({ app: 'web' }, {}).body).toMatchObject({ data: '[{"version":"1.0.0"}]' });
  expect(registry.asked).toBe(1);
  set('2.0.0');
  expect(listings.answer({ app: 'web' }, {}).body).toMatchObject({ data: '[{"version":"2.0.0"}]' });
});

it('answers 304 to those who have it, also after changes that left it the same, also from elsewhere', () => {
  const etag = new Listings(registry).answer({}, {}).headers!.etag as string;
  const listings = new Listings(registry);
  set('1.0.0');
  for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*'])
    expect(listings.answer({}, { 'if-none-match': known })).toEqual({ status: 304, headers: { etag } });
  expect(listings.answer({}, { 'if-none-match': '"other"' }).status).toBe(200);
  set('2.0.0');
  expect(listings.answer({}, { 'if-none-match': etag }).status).toBe(200);
});

it('keeps no more bytes than it may', () => {
  const listings = new Listings(registry, 700);
  const ask = (app: string) => listings.answer({ app }, {});
  for (const app of ['a', 'b', 'c']) ask(app);
  expect(registry.asked).toBe(3);
  ask('b');
  ask('c');
  expect(registry.asked).toBe(3);
  ask('a');
  expect(registry.asked).toBe(4);
});

it('looks again only at the app versions that have changed', () => {
  const groups = ['1.0.0', '2.0.0', '3.0.0'].map((version) => ({ version, stamp: 1, select: () => [] }));
  const asked: string[] = [];
  const listings = new Listings({
    ...registry,
    stamp: () => groups.map(({ stamp }) => stamp).join(),
    groups: () => groups,
    registrationsIn: (group) => {
      const { version } = group as (typeof groups)[number];
      asked.push(version);
      return [{ version, ttl: group.stamp } as Registration];
    },
  });
  const first = listings.answer({}, {});
  groups[1]!.stamp++;
  const second = listings.answer({}, {});
  expect(asked).toEqual(['1.0.0', '2.0.0', '3.0.0', '2.0.0']);
  expect(second.body).toMatchObject({
    data: JSON.stringify([1, 2, 1].map((ttl, index) => ({ version: groups[index]!.version, ttl }))),
  });
  expect(second.headers!.etag).not.toBe(first.headers!.etag);
});
