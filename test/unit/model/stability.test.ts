import { expect, it } from '@jest/globals';
import { Stability } from '../../../src/model/stability.js';
import type { Registration } from '../../../src/model/registration.js';

const one = (port: number, more: Partial<Registration> = {}): Registration =>
  ({ id: `web/2/h/${port}`, draining: false, registered: 1, instance: 'a', ...more }) as Registration;

it('counts from when the last of so many came online', () => {
  const stability = new Stability(4000);
  stability.update([one(1)], 100);
  expect(stability.stableAt(1)).toBe(4100);
  expect(stability.stableAt(2)).toBe(Infinity);
  stability.update([one(1), one(2)], 700);
  expect([1, 2].map((count) => stability.stableAt(count))).toEqual([4100, 4700]);
});

it('begins anew for what was gone, drained, or started anew at its address', () => {
  const breaks: [string, Registration[]][] = [
    ['gone', []],
    ['draining', [one(1, { draining: true })]],
    ['another instance', [one(1, { instance: 'b' })]],
    ['registered anew', [one(1, { registered: 2 })]],
  ];
  for (const [what, meanwhile] of breaks) {
    const stability = new Stability(4000);
    stability.update([one(1)], 0);
    stability.update(meanwhile, 1000);
    stability.update([one(1)], 1500);
    expect([what, stability.stableAt(1)]).toEqual([what, 5500]);
  }
});

it('takes a renewed or updated registration for the same', () => {
  const stability = new Stability(4000);
  stability.update([one(1)], 0);
  stability.update([one(1, { meta: { az: 'b' } })], 3000);
  expect(stability.stableAt(1)).toBe(4000);
});
