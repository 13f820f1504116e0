import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { elapsed } from '../../../src/cli/durations.js';
import { Progress } from '../../../src/cli/progress.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

function progressOn(isTTY: boolean, columns = 80) {
  let written = '';
  const output = { isTTY, columns, write: (text: unknown) => Boolean((written += String(text))) };
  const progress = new Progress(output, () => performance.now());
  return { progress, written: () => written };
}

describe('progress where nobody looks', () => {
  it('is a line for each change', () => {
    const { progress, written } = progressOn(false);
    for (const text of ['0 of 2', '0 of 2', '1 of 2']) progress.tell(text);
    progress.end();
    jest.advanceTimersByTime(60_000);
    expect(written()).toBe('0 of 2\n1 of 2\n');
  });

  it('says every 30 s that nothing has changed, and for how long it has waited', () => {
    const { progress, written } = progressOn(false);
    progress.tell('0 of 2');
    jest.advanceTimersByTime(65_000);
    progress.end();
    expect(written()).toBe('0 of 2\n0 of 2 (after 30s)\n0 of 2 (after 1m 0s)\n');
  });
});

describe('progress at a terminal', () => {
  const line = '\r\u001b[K';

  it('is one line, written over, with the time', () => {
    const { progress, written } = progressOn(true);
    progress.tell('0 of 2');
    jest.advanceTimersByTime(2000);
    progress.tell('1 of 2');
    progress.end();
    progress.end();
    jest.advanceTimersByTime(5000);
    const texts = ['0 of 2 · 0s', '0 of 2 · 1s', '0 of 2 · 2s', '1 of 2 · 2s'];
    expect(written()).toBe(`${texts.map((text) => line + text).join('')}\n`);
  });

  it('fits the width, so that it can be written over', () => {
    const { progress, written } = progressOn(true, 20);
    progress.tell('2 of web@1.0.0 still online');
    progress.end();
    expect(written()).toBe(`${line}2 of web@1.0.… · 0s\n`);
  });

  it('takes a terminal that does not know its width for a usual one', () => {
    const { progress, written } = progressOn(true, 0);
    progress.tell('2 of web@1.0.0 still online');
    progress.end();
    expect(written()).toBe(`${line}2 of web@1.0.0 still online · 0s\n`);
  });
});

it.each([
  [0, '0s'],
  [59_999, '59s'],
  [65_000, '1m 5s'],
  [7_260_000, '2h 1m'],
])('%i ms are %s', (ms, text) => {
  expect(elapsed(ms)).toBe(text);
});
