import { describe, expect, it } from '@jest/globals';
import { exactly } from '../../../src/cli/durations.js';
import { eventLine } from '../../../src/cli/event-line.js';
import { registrationOptions } from '../../../src/cli/registration-flags.js';
import { splitProgram } from '../../../src/cli/split-program.js';
import { table } from '../../../src/cli/table.js';
import type { SeenEvent } from '../../../src/client/picture.js';
import { InvalidError } from '../../../src/model/errors.js';

it.each([
  [0, '0ms'],
  [1500, '1500ms'],
  [4000, '4s'],
  [90_000, '90s'],
  [600_000, '10m'],
  [86_400_000, '24h'],
])('shows %i ms as %s, which a flag takes back', (ms, text) => {
  expect(exactly(ms)).toBe(text);
});

describe('table', () => {
  it('aligns columns, without frames and trailing blanks', () => {
    expect(
      table(
        ['NAME', 'X'],
        [
          ['a', ''],
          ['longer', 'b'],
        ],
      ),
    ).toBe('NAME    X\na\nlonger  b');
  });

  it('goes without titles', () => {
    expect(
      table(
        [],
        [
          ['uptime', '3m'],
          ['url', 'http://h'],
        ],
      ),
    ).toBe('uptime  3m\nurl     http://h');
  });
});

describe('event line', () => {
  const registration = { app: 'web', version: '1.2.0', host: '::1', port: 80 };
  it.each([
    [{ type: 'online', registration }, 'online              web@1.2.0  [::1]:80'],
    [{ type: 'offline', registration, reason: 'expired' }, 'offline             web@1.2.0  [::1]:80  expired'],
    [
      {
        type: 'updated',
        registration: { ...registration, draining: true, drainReason: 'deploy' },
        previous: { draining: false },
        reason: 'deploy',
      },
      'updated             web@1.2.0  [::1]:80  draining  deploy',
    ],
    [
      {
        type: 'updated',
        registration: { ...registration, draining: true, drainUntil: new Date(2001, 10, 30, 14, 30).getTime() },
        previous: {},
      },
      'updated             web@1.2.0  [::1]:80  draining until 2001-11-30 14:30',
    ],
    [
      {
        type: 'updated',
        registration: { ...registration, draining: true, drainUntil: 1, drainReason: 'deploy', ttl: 5000 },
        previous: { ttl: 4000 },
      },
      'updated             web@1.2.0  [::1]:80  ttl=5s  deploy',
    ],
    [
      {
        type: 'updated',
        registration: { ...registration, draining: false },
        previous: { draining: true, drainReason: 'deploy' },
      },
      'updated             web@1.2.0  [::1]:80  not draining',
    ],
    [
      {
        type: 'updated',
        registration: { ...registration, ttl: 5000, meta: { zone: 'b', n: 1 } },
        previous: { ttl: 4000, meta: {} },
      },
      'updated             web@1.2.0  [::1]:80  ttl=5s  zone=b n=1',
    ],
    [
      {
        type: 'updated',
        registration: {
          ...registration,
          meta: { note: 'a b', x: 'say "no"', 'k e y': '', '"': 'c=d', n: [1, 'a'] },
        },
        previous: { meta: {} },
      },
      'updated             web@1.2.0  [::1]:80  note="a b" x="say \\"no\\"" "k e y"= "\\""=c=d n=[1,"a"]',
    ],
    [
      {
        type: 'updated',
        registration: { ...registration, meta: { note: '\u001b[2J\u202e' } },
        previous: { meta: {} },
      },
      'updated             web@1.2.0  [::1]:80  note=\\x1b[2J\\u{202e}',
    ],
    [{ type: 'backend-updated', backend: { name: 'b', app: 'web', version: '2' } }, 'backend-updated     b  web@2'],
    [{ type: 'frontend-created', frontend: { name: 'www' } }, 'frontend-created    www  no backend'],
    [
      { type: 'drain-rule-created', drainRule: { name: 'web@2', app: 'web', version: '2', reason: 'leaks' } },
      'drain-rule-created  web@2  web@2 (leaks)',
    ],
    [{ type: 'daemon-offline', daemon: { name: 'd', url: 'http://d' } }, 'daemon-offline      d  http://d'],
  ])('tells %j', (event, words) => {
    const line = eventLine({ ...event, at: 0 } as SeenEvent);
    expect(line).toMatch(/^\d\d:\d\d:\d\d  /);
    expect(line.slice(10)).toBe(words);
  });
});

describe('register', () => {
  it('passes on what follows the dashes as it is', () => {
    expect(splitProgram(['--app', 'a', '--', 'node', 'x', '--', 'node', '--help'])).toEqual({
      own: ['--app', 'a'],
      program: ['node', 'x', '--', 'node', '--help'],
    });
    expect(splitProgram(['--hold'])).toEqual({ own: ['--hold'], program: [] });
  });

  it('keeps values of --meta as strings, with whatever follows the first =', () => {
    expect(registrationOptions({ meta: ['a=1', 'b.c=x=y', 'd='] })).toEqual({
      meta: { a: '1', 'b.c': 'x=y', d: '' },
    });
  });

  it('leaves out what is not given', () => {
    expect(registrationOptions({})).toEqual({});
  });

  it.each(['x', '=x'])('refuses --meta %s', (pair) => {
    expect(() => registrationOptions({ meta: [pair] })).toThrow(InvalidError);
  });
});
