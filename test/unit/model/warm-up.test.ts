import { beforeEach, expect, it } from '@jest/globals';
import { WarmUps } from '../../../src/model/warm-up.js';

const web = { app: 'web', version: '1.0.0', warmupMs: 12_000 };
let warmUps: WarmUps;
beforeEach(() => {
  warmUps = new WarmUps();
  warmUps.follow([web]);
});

const online = (id: string, at: number) => warmUps.see({ type: 'online', id }, at);
const fresh = (pool = web) => Object.fromEntries(warmUps.fresh(pool));

it('raises an instance by a quarter at each third of the time', () => {
  online('web/1/a/1', 1000);
  expect(fresh()).toEqual({ 'web/1/a/1': 1 });
  for (const [due, quarters] of [
    [5000, 2],
    [9000, 3],
  ] as const) {
    expect(warmUps.next).toBe(due);
    expect(warmUps.step(due - 1)).toEqual([]);
    expect(warmUps.step(due)).toEqual(['web/1/a/1']);
    expect(fresh()).toEqual({ 'web/1/a/1': quarters });
  }
  expect(warmUps.step(13_000)).toEqual(['web/1/a/1']);
  expect(fresh()).toEqual({});
  expect(warmUps.next).toBe(Infinity);
});

it('takes several steps at once after a pause', () => {
  online('web/1/a/1', 0);
  warmUps.step(9000);
  expect(fresh()).toEqual({ 'web/1/a/1': 3 });
  expect(warmUps.next).toBe(12_000);
});

it('takes what comes online close together as one, and later ones by themselves', () => {
  for (let n = 0; n < 10_000; n++) online(`web/1/a/${n}`, n / 20);
  let steps = 0;
  for (; warmUps.next < Infinity; steps++) warmUps.step(warmUps.next);
  expect(steps).toBe(3);
  for (let n = 0; n < 10_000; n++) online(`web/1/a/${n}`, 100_000 + 10 * n);
  for (steps = 0; warmUps.next < Infinity; steps++) warmUps.step(warmUps.next);
  expect(steps).toBeLessThanOrEqual(3 * Math.ceil(100_000 / (web.warmupMs / 16)));
});

it('begins anew with what comes online again, and forgets what goes offline', () => {
  online('web/1/a/1', 0);
  online('web/1/b/1', 0);
  warmUps.step(8000);
  online('web/1/a/1', 8000);
  expect(fresh()).toEqual({ 'web/1/a/1': 1, 'web/1/b/1': 3 });
  warmUps.see({ type: 'offline', id: 'web/1/b/1' }, 8001);
  expect(fresh()).toEqual({ 'web/1/a/1': 1 });
  warmUps.see({ type: 'updated', id: 'web/1/c/1' }, 8001);
  expect(fresh()).toEqual({ 'web/1/a/1': 1 });
});

it('knows each app and duration by itself, and nothing where there is none', () => {
  const slow = { ...web, warmupMs: 24_000 };
  warmUps.follow([web, slow, { app: 'api', version: '1.0.0' }]);
  online('web/1/a/1', 0);
  online('webs/1/a/1', 0);
  online('api/1/a/1', 0);
  warmUps.step(8000);
  expect(fresh()).toEqual({ 'web/1/a/1': 3 });
  expect(fresh(slow)).toEqual({ 'web/1/a/1': 2 });
  expect(warmUps.fresh({ app: 'api' }).size).toBe(0);
  warmUps.follow([]);
  expect(warmUps.next).toBe(Infinity);
  expect(fresh()).toEqual({});
});

it('keeps what has begun while backends change', () => {
  online('web/1/a/1', 0);
  warmUps.follow([{ ...web, version: '2.0.0' }]);
  expect(fresh()).toEqual({ 'web/1/a/1': 1 });
});
