import { describe, expect, it } from '@jest/globals';
import type { NetworkInterfaceInfo } from 'node:os';
import { isLoopback, isLoopbackUrl } from '../../../src/model/loopback.js';
import { outwardAddress } from '../../../src/model/outward-address.js';
import { check } from '../../../src/model/validate.js';

describe('a host', () => {
  it.each([
    ['LocalHost', 'localhost'],
    ['10.0.0.1', '10.0.0.1'],
    ['[::1]', '::1'],
    ['fe80::1%eth0', 'fe80::1%eth0'],
    ['my_svc.example.', 'my_svc.example.'],
  ])('%s is kept as %s', (host, kept) => {
    expect(check('address', { app: 'a', version: '1', host, port: 1 }).host).toBe(kept);
  });

  it.each([
    '',
    ':',
    '1:2',
    '-a',
    'a-',
    'a..b',
    'a b',
    'a/b',
    '[10.0.0.1',
    'ä',
    'x'.repeat(64),
    'a.'.repeat(127),
  ])('%j is none', (host) => {
    expect(() => check('address', { app: 'a', version: '1', host, port: 1 })).toThrow(/^'host' must/);
  });
});

it.each([
  ['127.0.0.1', true],
  ['127.9.9.9', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['localhost', true],
  ['10.0.0.1', false],
  ['::2', false],
  ['::ffff:10.0.0.1', false],
  ['example.com', false],
])('%s is loopback: %s', (host, loopback) => {
  expect(isLoopback(host)).toBe(loopback);
  expect(isLoopbackUrl(`http://${host.includes(':') ? `[${host}]` : host}:1`)).toBe(loopback);
});

it('finds the outward address', () => {
  const at = (address: string, family: 'IPv4' | 'IPv6', internal = false) =>
    ({ address, family, internal }) as NetworkInterfaceInfo;
  const lo = [at('127.0.0.1', 'IPv4', true)];
  expect(outwardAddress({ lo, eth0: [at('fe80::1', 'IPv6'), at('10.0.0.2', 'IPv4')] })).toBe('10.0.0.2');
  expect(outwardAddress({ lo, eth0: [at('fe80::1', 'IPv6'), at('2001:db8::1', 'IPv6')] })).toBe(
    '2001:db8::1',
  );
  expect(outwardAddress({ lo })).toBe('127.0.0.1');
});
