import { expect, it } from '@jest/globals';
import type { ExplainReason } from '../../../src/model/explain.js';
import { absentText, corrected, doubtText, hasEnded, ofInstance } from '../../../src/ui/state/instance-reasons.js';

const offline: ExplainReason = { code: 'offline', message: 'it is not online' };
const unhealthy: ExplainReason = { code: 'unhealthy', message: 'its health check fails: 503' };
const other: ExplainReason = { code: 'other-version', message: "the backend 'web' sends callers to 2.0.0" };

it('takes what the daemon says of the instance, and not what it says of one frontend', () => {
  expect(ofInstance({ reasons: [unhealthy, other] })).toEqual([unhealthy]);
  const known = { served: false, share: 0, reasons: [offline, other] };
  expect(corrected(known, [unhealthy])).toEqual({ served: false, share: 0, reasons: [unhealthy, other] });
  expect(corrected(known, [])).toBe(known);
  expect(corrected(known)).toBe(known);
});

it('says what is not served any more since it has become unhealthy', () => {
  const known = { served: true, share: 0.5, reasons: [] };
  expect(corrected(known, [unhealthy])).toEqual({ served: false, share: 0, reasons: [unhealthy] });
});

it('knows an instance that has ended, unless the view of the daemon cannot be trusted', () => {
  expect(hasEnded({ reasons: [offline, other] })).toBe(true);
  expect(hasEnded({ reasons: [unhealthy, other] })).toBe(false);
  expect(hasEnded({ reasons: [offline], stale: true })).toBe(false);
  expect(hasEnded({ reasons: [offline], warming: true })).toBe(false);
});

it('tells an unhealthy instance from one that has ended', () => {
  expect(absentText([unhealthy])).toBe('It is registered, but its health check fails: 503.');
  expect(absentText([offline])).toBe('It is not online.');
  expect(absentText()).toBe('It is not online.');
});

it('says that a view cannot be trusted', () => {
  expect(doubtText({ stale: true })).toMatch(/cut off/);
  expect(doubtText({ warming: true })).toMatch(/just started/);
  expect(doubtText({})).toBeUndefined();
});
