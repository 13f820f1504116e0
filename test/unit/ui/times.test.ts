import { expect, it } from '@jest/globals';
import { localTime, momentText, shortTime } from '../../../src/ui/state/times.js';
import { drainText } from '../../../src/ui/state/drain-text.js';

/** In local time. */
const now = new Date(2026, 10, 30, 12, 0, 0).getTime();
const [later, tomorrow] = [now + 9_005_000, now + 24 * 3_600_000];

it('is of 24 hours, whatever the language, and has the date if that is not today', () => {
  expect(localTime(later)).toBe('2026-11-30 14:30:05');
  expect([momentText(later, now), momentText(tomorrow, now)]).toEqual(['14:30:05', '2026-12-01 12:00:00']);
  expect([shortTime(later, now), shortTime(tomorrow, now)]).toEqual(['14:30', '2026-12-01 12:00']);
});

it('ends a drain', () => {
  const drainUntil = new Date(2001, 10, 30, 14, 30).getTime();
  expect(drainText({ drainUntil, drainReason: 'kernel' })).toBe('until 2001-11-30 14:30: kernel');
});
