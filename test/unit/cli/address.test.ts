import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { existingAddress, newAddress } from '../../../src/cli/address.js';
import { InvalidError } from '../../../src/model/errors.js';

const { PORT } = process.env;
beforeEach(() => {
  delete process.env.PORT;
});
afterEach(() => {
  if (PORT !== undefined) process.env.PORT = PORT;
});

const flags = { app: 'web', version: '1.2.0', host: 'h' };

it('takes the port that it is given, before $PORT', async () => {
  process.env.PORT = '4000';
  expect((await newAddress({ ...flags, port: 5000 })).port).toBe(5000);
  expect((await newAddress(flags)).port).toBe(4000);
  expect((await existingAddress(undefined, flags)).port).toBe(4000);
});

it.each([undefined, 0])('finds a free port for something new where the port is %p', async (port) => {
  const address = await newAddress({ ...flags, port });
  const server = createServer().listen(address.port);
  await once(server, 'listening');
  server.close();
});

it('takes the outward address of this machine where no host is given', async () => {
  expect((await newAddress({ ...flags, host: undefined })).host).toMatch(/^[\d.]+$|:/);
});

it('takes IPv6 hosts as they stand in URLs', async () => {
  expect((await existingAddress(undefined, { ...flags, host: '[::1]', port: 1 })).host).toBe('::1');
});

it('takes an id', async () => {
  expect(await existingAddress('web/1.2.0/::1/80', {})).toEqual({
    app: 'web',
    version: '1.2.0',
    host: '::1',
    port: 80,
  });
});

it.each([
  ['--app', () => existingAddress(undefined, { ...flags, app: undefined, port: 1 })],
  ['--version', () => existingAddress(undefined, { ...flags, version: undefined, port: 1 })],
  ['--port', () => existingAddress(undefined, flags)],
  ['not both', () => existingAddress('a/1/h/1', flags)],
  ['not a registration id', () => existingAddress('a/1', {})],
])('says what is wrong: %s', async (what, address) => {
  await expect(address()).rejects.toThrow(InvalidError);
  await expect(address()).rejects.toThrow(what);
});

it('names $PORT where that is no port', async () => {
  process.env.PORT = 'http';
  await expect(existingAddress(undefined, flags)).rejects.toThrow("$PORT must be a port, not 'http'");
});
