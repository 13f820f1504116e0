import { afterEach, describe, expect, it, jest } from '@jest/globals';
import semver from 'semver';
import { EventFilter } from '../../../src/daemon/http/event-filter.js';
import { OnlineIndex } from '../../../src/crdt/online-index.js';
import type { Entry } from '../../../src/crdt/entry.js';
import type { RegistrationId } from '../../../src/model/registration.js';
import {
  checkRange,
  compareVersions,
  isOnlyRange,
  isRange,
  versionInQuery,
  versionMatcher,
} from '../../../src/model/version.js';

describe('versionMatcher', () => {
  it.each([
    ['1.2.0', '1.2.0', true],
    ['1.2.0', '1.2.1', false],
    ['1.2.0', '1.2.0+build', false],
    ['1.x', '1.9.3', true],
    ['1', '1.9.3', true],
    ['^1.2.0', '1.1.9', false],
    ['1.x || 3', '3.0.1', true],
    ['=1.2.0', '1.2.0', true],
    ['*', '2.0.0', true],
    ['^1.2.0', '1.3.0-rc.1', false],
    ['^1.3.0-rc.0', '1.3.0-rc.1', true],
    ['1.3.0-rc.1', '1.3.0-rc.1', true],
    ['blue', 'blue', true],
    ['blue', 'green', false],
    ['*', 'blue', false],
    ['1.x', '1.x', true],
  ])('%s, %s: %s', (range, version, matches) => {
    expect(versionMatcher(range)(version)).toBe(matches);
  });
});

it('tells ranges from versions', () => {
  expect(['1.x', '^1.2.0', '=1.2.0', '*', '1.2.0', '1.3.0-rc.1', 'blue'].filter(isRange)).toEqual([
    '1.x',
    '^1.2.0',
    '=1.2.0',
    '*',
  ]);
});

it('refuses ranges above 128 characters, and takes them for no range', () => {
  const long = '9||'.repeat(43);
  expect(() => checkRange(long)).toThrow("'version' must have at most 128 characters, not 129");
  expect(checkRange('9||'.repeat(42))).toHaveLength(126);
  expect(isRange(long)).toBe(false);
  expect(versionMatcher(long)('9.0.0')).toBe(false);
  expect(versionMatcher(long)(long)).toBe(true);
});

describe('however many registrations there are', () => {
  afterEach(() => void jest.restoreAllMocks());

  it('an event filter parses its range once and tests each version once', () => {
    const test = jest.spyOn(semver.Range.prototype, 'test');
    // Called for each alternative of a range that is parsed.
    const parse = jest.spyOn(semver.Range.prototype, 'parseRange');
    const filter = new EventFilter(new URLSearchParams({ version: '9||1.x' }));
    const snapshot = {
      type: 'snapshot' as const,
      registrations: Array.from({ length: 1000 }, (_, index) => ({
        ...{ resource: 'Registration' as const, id: `web/1.${index % 3}.0/h/${index}` as RegistrationId },
        ...{ app: 'web', version: `1.${index % 3}.0`, host: 'h', port: index },
        ...{ ttl: 4000, meta: {}, draining: false, registered: 0 },
      })),
      backends: [],
      frontends: [],
      daemons: [],
    };
    expect(filter.select(snapshot).registrations).toHaveLength(1000);
    expect(parse).toHaveBeenCalledTimes(2);
    expect(test).toHaveBeenCalledTimes(3);
  });

  it('a look-up parses its range once and tests each version once', () => {
    const index = new OnlineIndex();
    for (let number = 0; number < 300; number++)
      index.put(`web/1.${number % 3}.0/h/${number}` as RegistrationId, {} as Entry);
    const test = jest.spyOn(semver.Range.prototype, 'test');
    // Called for each alternative of a range that is parsed.
    const parse = jest.spyOn(semver.Range.prototype, 'parseRange');
    expect(index.select({ app: 'web', version: '9||1.x' })).toHaveLength(300);
    expect(parse).toHaveBeenCalledTimes(2);
    expect(test).toHaveBeenCalledTimes(3);
  });
});

it('tells what can only be a range from what is a usual name as well', () => {
  const texts = ['^1', '1.x', 'x', '*', '>=1 <2', '1.0.0 - 2.0.0', '=1.2.0', '1.2', '1', '20241125', 'v1.2.3', 'box.x'];
  expect(texts.filter(isOnlyRange)).toEqual(['^1', '1.x', 'x', '*', '>=1 <2', '1.0.0 - 2.0.0', '=1.2.0']);
});

it.each([
  ['1.2.3 5', '1.2.3+5'],
  ['1.2.3+5', '1.2.3+5'],
  ['build 5', 'build+5'],
  ['>=1.2.0 <2.0.0', '>=1.2.0 <2.0.0'],
  ['1.2.0 - 1.9.0', '1.2.0 - 1.9.0'],
  ['^1 || ^2', '^1 || ^2'],
  ['blue', 'blue'],
])('reads %s in a query as %s', (text, version) => {
  expect(versionInQuery(text)).toBe(version);
});

it('orders versions by semver, then other names as text', () => {
  const versions = ['blue', '10.0.0', '9.0.0+b2', '2.0.0', 'a', '2.0.0-rc.1', '9.0.0+b1'];
  const sorted = ['2.0.0-rc.1', '2.0.0', '9.0.0+b1', '9.0.0+b2', '10.0.0', 'a', 'blue'];
  expect(versions.sort(compareVersions)).toEqual(sorted);
});
