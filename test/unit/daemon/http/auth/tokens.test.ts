import { expect, it } from '@jest/globals';
import { Caller } from '../../../../../src/daemon/http/auth/caller.js';
import { Tokens } from '../../../../../src/daemon/http/auth/tokens.js';
import { testToken } from '../../../../helpers/tokens.js';

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
const flip = (token: string, at: number): string =>
  token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);

const one = testToken({ role: 'read', name: 'one' });
const two = testToken({ role: 'write', name: 'two', apps: ['web-*'] });
const records = [one.record, two.record];

it('finds a token in the forms that clients send', () => {
  const tokens = new Tokens(records);
  for (const header of [
    `Bearer ${one.token}`,
    `Bearer ${one.token}`,
    `bearer  ${one.token} `,
    basic(`anybody:${one.token}`),
    basic(`${one.token}:`),
  ])
    expect(tokens.find(header)).toMatchObject({ name: 'one', role: 'read' });
  expect(tokens.find(`Bearer ${two.token}`)).toMatchObject({ name: 'two' });
});

it('takes nothing that differs in one character, before and after it has seen the right one', () => {
  const tokens = new Tokens(records);
  for (let round = 0; round < 2; round++) {
    for (let at = 0; at < one.token.length; at++) {
      expect(tokens.find(`Bearer ${flip(one.token, at)}`)).toBe('unknown');
      expect(tokens.find(basic(`x:${flip(one.token, at)}`))).toBe('unknown');
    }
    expect(tokens.find(`Bearer ${one.token}`)).toBeInstanceOf(Caller);
  }
  // A secret that belongs to another id.
  expect(tokens.find(`Bearer ${one.token.slice(0, 16)}${two.token.slice(16)}`)).toBe('unknown');
});

it.each([
  '',
  'Bearer',
  'Bearer ',
  'Basic',
  'Basic !',
  'Bearer x',
  `Digest ${one.token}`,
  one.token,
  `Bearer ${one.token}x`,
])('finds nothing in %j', (header) => {
  expect(new Tokens(records).find(header)).toBe('unknown');
});

it('takes a token until it expires, though it has seen it before', () => {
  let now = 1000;
  const tokens = new Tokens([{ ...one.record, expires: 2000 }], () => now);
  expect(tokens.find(`Bearer ${one.token}`)).toBeInstanceOf(Caller);
  now = 1999;
  expect(tokens.find(`Bearer ${one.token}`)).toBeInstanceOf(Caller);
  now = 2000;
  expect(tokens.find(`Bearer ${one.token}`)).toBe('expired');
});

it('knows a caller as valid only while its token is there as it was', () => {
  let now = 1000;
  const record = { ...two.record, expires: 2000 };
  const caller = new Tokens([record], () => now).find(`Bearer ${two.token}`) as Caller;
  expect(new Tokens([record], () => now).isValid(caller)).toBe(true);
  expect(new Tokens([one.record], () => now).isValid(caller)).toBe(false);
  expect(new Tokens([{ ...record, apps: ['shop'] }], () => now).isValid(caller)).toBe(false);
  expect(new Tokens([{ ...record, sha256: one.record.sha256 }], () => now).isValid(caller)).toBe(false);
  now = 2000;
  expect(new Tokens([record], () => now).isValid(caller)).toBe(false);
});
