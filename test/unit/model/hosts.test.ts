import { describe, expect, it } from '@jest/globals';
import type { NetworkInterfaceInfo } from 'node:os';
import { normalizeHost } from '../../../src/model/host.js';
import { isLoopback, isLoopbackUrl } from '../../../src/model/loopback.js';
import { bestOf } from '../../../src/model/outward-address.js';
import { check } from '../../../src/model/validate.js';

describe('a host', () => {
  it.each([
    ['LocalHost', 'localhost'],
    ['10.0.0.1', '10.0.0.1'],
    ['10.0.0.1.', '10.0.0.1'],
    ['[::1]', '::1'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['FE80::0001', 'fe80::1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['::FFFF:0a00:1', '10.0.0.1'],
    ['my_svc.example.', 'my_svc.example'],
    ['3f2a9c81d0e7', '3f2a9c81d0e7'],
    ['a.1b', 'a.1b'],
    ['1.example', '1.example'],
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
    'a..',
    '.',
    'a b',
    'a/b',
    '[10.0.0.1',
    'ä',
    'x'.repeat(64),
    'a.'.repeat(128),
  ])('%j is none', (host) => {
    expect(() => check('address', { app: 'a', version: '1', host, port: 1 })).toThrow(/^'host' must/);
  });

  it.each([
    '0.0.0.0',
    '0.0.0.1',
    '::',
    '0:0:0:0:0:0:0:0',
    '::ffff:0.0.0.0',
    '224.0.0.1',
    '239.255.255.255',
    'ff02::1',
    '255.255.255.255',
    '999.1.1.1',
    '010.0.0.1',
    '1.2.3',
    '1.2.3.',
    '2130706433',
    '0x7f.1',
    'host.0x',
    'fe80::1%eth0',
  ])('no caller can connect to %s', (host) => {
    expect(() => check('address', { app: 'a', version: '1', host, port: 1 })).toThrow(
      `'host' must be an address that callers can connect to, not ${JSON.stringify(normalizeHost(host))}`,
    );
  });

  it.each(['1.0.0.0', '223.255.255.255', '240.0.0.1', '255.255.255.254', '::1', 'ff::1', 'fe80::1'])(
    'a caller may connect to %s',
    (host) => {
      expect(check('address', { app: 'a', version: '1', host, port: 1 }).host).toBe(host);
    },
  );
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
  expect(bestOf({ lo, eth0: [at('fe80::1', 'IPv6'), at('10.0.0.2', 'IPv4')] })).toBe('10.0.0.2');
  expect(bestOf({ lo, eth0: [at('fe80::1', 'IPv6'), at('2001:db8::1', 'IPv6')] })).toBe('2001:db8::1');
  expect(bestOf({ lo })).toBe('127.0.0.1');
});
