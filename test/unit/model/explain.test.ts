import { expect, it } from '@jest/globals';
import type { Backend } from '../../../src/model/catalog.js';
import { explain, type Explained, shareOf } from '../../../src/model/explain.js';

const web: Backend = { resource: 'Backend', name: 'web', app: 'web', version: '^1.0.0' };
const www = { name: 'www', backend: 'web' };
const one: Explained = { app: 'web', version: '1.0.0', state: 'online' };
const available = new Map([
  ['1.0.0', 3],
  ['1.1.0', 1],
  ['2.0.0', 2],
]);

it.each<[string, Explained, Backend | undefined, string[]]>([
  ['is served', one, web, []],
  ['drains', { ...one, draining: true, drainReason: 'old' }, web, ['draining']],
  ['is of another version', { ...one, version: '2.0.0' }, web, ['other-version']],
  ['drains by a rule', { ...one, draining: true, drainRule: 'web' }, web, ['draining']],
  [
    'drains by a decision and by a rule',
    { ...one, draining: true, rule: { resource: 'DrainRule', name: 'web', app: 'web' } },
    web,
    ['draining', 'draining'],
  ],
  [
    'is of another version, and drains',
    { ...one, version: '2.0.0', draining: true },
    web,
    ['draining', 'other-version'],
  ],
  ['has the weight 0', one, { ...web, version: undefined!, split: { '1.0.0': 0, '2.0.0': 1 } }, ['weight-0']],
  ['is unhealthy', { ...one, state: 'unhealthy', unhealthy: '503' }, web, ['unhealthy']],
  ['is offline', { ...one, state: 'offline' }, web, ['offline']],
  ['is of another app', { ...one, app: 'api' }, web, ['other-app']],
  ['has no backend', one, undefined, ['no-backend']],
])('an instance that %s', (_, instance, backend, codes) => {
  const { served, reasons, share } = explain(instance, www, backend, available);
  expect(reasons.map(({ code }) => code)).toEqual(codes);
  expect(served).toBe(codes.length === 0);
  expect(share > 0).toBe(served);
});

it('says of a drain that ends by itself when that is', () => {
  const { reasons } = explain({ ...one, draining: true, drainReason: 'old', drainUntil: 5 }, www, web, available);
  expect(reasons).toEqual([{ code: 'draining', message: 'it drains for a time: old', drainUntil: 5 }]);
});

it('shares requests among instances, and among versions by their weights', () => {
  expect(shareOf(web, { version: '1.0.0' }, available)).toBe(1 / 4);
  const split = { app: 'web', split: { '1.0.0': 90, '2.0.0': 10, '3.0.0': 100 } };
  expect(shareOf(split, { version: '1.0.0' }, available)).toBeCloseTo(0.9 / 3);
  expect(shareOf(split, { version: '2.0.0' }, available)).toBeCloseTo(0.1 / 2);
  // One of three is at a quarter: its version keeps its share.
  const id = 'web/1.0.0/10.0.0.1/80';
  const fresh = new Map([[id, 1]]);
  expect(shareOf(split, { id, version: '1.0.0' }, available, fresh)).toBeCloseTo(0.9 / 9);
  expect(shareOf(split, { version: '1.0.0' }, available, fresh)).toBeCloseTo((0.9 * 4) / 9);
  expect(shareOf(web, { id, version: '1.0.0' }, available, fresh)).toBeCloseTo(1 / 13);
});
