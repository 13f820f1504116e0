import { expect, it } from '@jest/globals';
import type { AddressInfo } from 'node:net';
import { addressOf, misplaced } from '../../../../src/client/service/address.js';
import { InvalidError } from '../../../../src/model/errors.js';
import { outwardAddress } from '../../../../src/model/outward-address.js';

const listening = (address: string, port = 8080) => ({
  address: (): AddressInfo => ({ address, port, family: address.includes(':') ? 'IPv6' : 'IPv4' }),
});

it.each([
  ['127.0.0.1', {}, { host: '127.0.0.1', port: 8080 }],
  ['::1', {}, { host: '::1', port: 8080 }],
  ['10.0.0.5', {}, { host: '10.0.0.5', port: 8080 }],
  ['0.0.0.0', { host: '[2001:DB8::1]' }, { host: '2001:db8::1', port: 8080 }],
  ['10.0.0.5', { host: 'web.example.com', port: 80 }, { host: 'web.example.com', port: 80 }],
])('finds where callers reach a server at %s with %j', async (address, given, where) => {
  await expect(addressOf(listening(address), given, [])).resolves.toEqual(where);
});

it.each(['0.0.0.0', '::'])('takes the outward address of a server that listens at %s', async (address) => {
  await expect(addressOf(listening(address), {}, [])).resolves.toEqual({ host: await outwardAddress(), port: 8080 });
});

it('refuses a server without a port, unless it is told one', async () => {
  const server = { address: () => '/run/web.sock' };
  await expect(addressOf(server, {}, [])).rejects.toThrow(InvalidError);
  await expect(addressOf(server, {}, [])).rejects.toThrow('/run/web.sock');
  const given = { host: '10.0.0.5', port: 80 };
  await expect(addressOf(server, given, [])).resolves.toEqual(given);
});

it('says so if callers of daemons elsewhere are sent to loopback', () => {
  const where = { host: '127.0.0.1', port: 8080 };
  expect(misplaced(where, ['10.0.0.9'])).toContain('127.0.0.1:8080');
  expect(misplaced(where, ['10.0.0.9', 'localhost'])).toBeUndefined();
  expect(misplaced({ ...where, host: '10.0.0.5' }, ['10.0.0.9'])).toBeUndefined();
});
