import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogs } from '../../../src/daemon/log.js';
import { makeToken } from '../../../src/model/token-digest.js';
import { parseLogLevels } from '../../../src/daemon/log-levels.js';

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
const logsIn = (format: 'json' | 'pretty', levels = 'debug', to = file) =>
  createLogs({ 'log-level': parseLogLevels(levels), 'log-format': format }, to);
const logIn = (format: 'json' | 'pretty') => logsIn(format).peers;

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

describe('an output that takes nothing', () => {
  /** A pipe that is full: nobody has read from it so far. */
  function fullPipe() {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    const pipe = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    const filling = Buffer.alloc(4096, '.');
    try {
      for (;;) writeSync(pipe, filling);
    } catch (error) {
      expect(error).toMatchObject({ code: 'EAGAIN' });
    }
    const read = (): string => {
      const into = Buffer.alloc(1_000_000);
      return into.toString('utf8', 0, readSync(pipe, into)).replaceAll('.', '');
    };
    return { pipe, read };
  }

  it.each(['pretty', 'json'] as const)('is not waited for, and gets later lines: %s', (format) => {
    const { pipe, read } = fullPipe();
    const log = logsIn(format, 'info', pipe).peers;
    for (let line = 0; line < 3000; line++) log.info({ line }, 'while nobody reads');
    read();
    log.info({}, 'again');
    const lines = `${read()}${(log.info({}, 'and again'), read())}`.trim().split('\n');
    const kept = lines.filter((line) => line.includes('while nobody reads')).length;
    expect(lines.at(-3)).toMatch(new RegExp(`lines of this log were lost.*${3000 - kept}|${3000 - kept}.*lost`));
    expect(lines.at(-2)).toMatch(/again/);
    expect(lines.at(-1)).toMatch(/and again/);
    closeSync(pipe);
  });
});

it('gives the date, for people', () => {
  logIn('pretty').info({}, 'started');
  expect(written()).toMatch(/^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}\] INFO \(peers\): started\n$/);
});

it('names the part that writes, and has a level for each', () => {
  const logs = logsIn('json', 'warn,peers=debug,http=silent');
  for (const part of [logs.peers, logs.http, logs.leases])
    for (const level of ['debug', 'info', 'warn', 'error'] as const) part[level]({}, level);
  const lines = written()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { name: string; msg: string });
  expect(lines.map(({ name, msg }) => `${name} ${msg}`)).toEqual([
    'peers debug',
    'peers info',
    'peers warn',
    'peers error',
    'leases warn',
    'leases error',
  ]);
});

it.each(['pretty', 'json'] as const)('masks tokens, wherever they stand: %s', (format) => {
  const { token, id } = makeToken();
  logIn(format).warn({ peer: token, err: new Error(token) }, `the peer refuses: ${token}`);
  expect(written()).toContain(`bender_${id}_***`);
  expect(written()).not.toContain(token.slice(16, 28));
});
