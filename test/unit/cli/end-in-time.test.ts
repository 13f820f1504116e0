import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { endInTime } from '../../../src/cli/end-in-time.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
});

it('ends a process that was told to stop and still runs after 10 s, and says so', () => {
  const said = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  const end = jest.fn();
  endInTime({ end });
  jest.advanceTimersByTime(9_999);
  expect(end).not.toHaveBeenCalled();
  jest.advanceTimersByTime(1);
  expect(end).toHaveBeenCalledTimes(1);
  expect(said.mock.calls).toEqual([[expect.stringMatching(/^Error: told to stop, and not done after 10s/)]]);
});
