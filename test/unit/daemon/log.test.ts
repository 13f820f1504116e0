import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '../../../src/daemon/log.js';

let folder: string;
let file: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bender-log-'));
  file = openSync(join(folder, 'log'), 'w');
});
afterEach(() => {
  closeSync(file);
  rmSync(folder, { recursive: true });
});
const written = (): string => readFileSync(join(folder, 'log'), 'utf8');
const logIn = (format: 'json' | 'pretty') => createLog({ 'log-level': 'debug', 'log-format': format }, file);

const hostile = 'a\u001b[2J\n{"level":60,"msg":"forged"}\u202e\u009b';
const hidden = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u;

it.each(['pretty', 'json'] as const)('shows what others have said in one line: %s', (format) => {
  logIn(format).warn({ peer: hostile, 'x\u001b': [hostile] }, `the peer refuses: ${hostile}`);
  expect(written().split('\n')).toHaveLength(2);
  expect(written().trimEnd()).not.toMatch(hidden);
  expect(written()).toContain(String.raw`a\\x1b[2J\\n`.replaceAll('\\\\', format === 'json' ? '\\\\' : '\\'));
});

it.each(['pretty', 'json'] as const)('cuts what they have said: %s', (format) => {
  logIn(format).warn({ peer: 'x'.repeat(1e6) }, 'y'.repeat(1e6));
  expect(written().length).toBeLessThan(1000);
});

it('shows the stack of a bug, and nothing hidden in its message', () => {
  logIn('pretty').error({ err: new TypeError(hostile) }, 'a bug');
  const lines = written().trimEnd().split('\n');
  expect(lines.filter((line) => line.includes('forged'))).toEqual([
    expect.stringMatching(/^ +"message": "/),
    expect.stringMatching(/^ +TypeError: a/),
  ]);
  for (const line of lines) expect(line).not.toMatch(hidden);
  expect(written()).toMatch(/ at /);
});

it('takes what is no error for one', () => {
  logIn('json').error({ err: 'odd' }, 'a bug');
  expect(written()).toContain('odd');
});
