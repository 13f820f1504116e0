import { describe, expect, it } from '@jest/globals';
import { drainEnd, leftUntil } from '../../../src/cli/drain-end.js';
import { localTime, shortTime } from '../../../src/cli/durations.js';
import { drainText } from '../../../src/cli/listings.js';

/** Noon, in local time. */
const now = new Date(2026, 10, 30, 12, 0, 0).getTime();

describe('the end of a drain', () => {
  it.each([
    [{ for: 90_000 }, '2026-11-30 12:01:30'],
    [{ until: '14:30' }, '2026-11-30 14:30:00'],
    [{ until: '9:05' }, '2026-12-01 09:05:00'],
    [{ until: '12:00' }, '2026-12-01 12:00:00'],
    [{ until: '12:00:01' }, '2026-11-30 12:00:01'],
    [{ until: '2026-12-24T18:00' }, '2026-12-24 18:00:00'],
    [{ until: '2026-12-24 18:00:30' }, '2026-12-24 18:00:30'],
  ])('of %j is %s', (flags, end) => {
    expect(localTime(drainEnd(flags, now)!)).toBe(end);
  });

  it('may have an offset, and may be absent', () => {
    expect(drainEnd({ until: '2026-12-24T18:00:00+02:00' }, now)).toBe(Date.UTC(2026, 11, 24, 16));
    expect(drainEnd({}, now)).toBeUndefined();
  });

  it.each(['', '25:00', '14', 'tomorrow', '2026-12-24', '2026-13-01T10:00', '30m'])("'%s' is refused", (until) => {
    expect(() => drainEnd({ until }, now)).toThrow(/--until must be HH:MM/);
  });

  it.each([
    [{ for: 999 }, /--for must be from 1 second to 30 days, not 999ms/],
    [{ for: 31 * 24 * 3_600_000 }, /--for must be .* not 744h/],
    [{ until: '2027-01-30T12:00' }, /--until must be a second to 30 days from now/],
  ])('%j is refused', (flags, message) => {
    expect(() => drainEnd(flags, now)).toThrow(message);
  });

  it('of a second is a second, however long the command takes', () => {
    expect(leftUntil(Date.now() + 999)).toBe(1000);
    expect(leftUntil(Date.now() + 60_000)).toBeGreaterThan(59_000);
  });

  it('is refused if it is over', () => {
    expect(() => drainEnd({ until: '2026-11-30T11:59' }, now)).toThrow(/--until is in the past/);
  });

  it('is shown with the time, and with the day if that is another', () => {
    expect(shortTime(now + 60_000, now)).toBe('12:01');
    expect(shortTime(now + 24 * 3_600_000, now)).toBe('2026-12-01 12:00');
    expect(drainText({ drainReason: 'disk' })).toBe('draining (disk)');
    expect(drainText({ drainUntil: now, drainReason: 'disk' })).toMatch(/^draining until .*12:00 \(disk\)$/);
  });
});
