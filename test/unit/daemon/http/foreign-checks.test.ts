/** What listens on the loopback addresses of a daemon's machine is checked only for clients of that machine. */

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { ApiServer } from '../../../helpers/api-server.js';

let server: ApiServer;
/** Where the daemon sees its client. */
let from = '';

beforeAll(async () => {
  server = await ApiServer.start();
  server.web.server.prependListener('connection', (socket: Socket) =>
    Object.defineProperty(socket, 'remoteAddress', { get: () => from }),
  );
});
afterAll(() => server.stop());

const own = Object.values(networkInterfaces())
  .flatMap((all) => all ?? [])
  .find(({ internal, family }) => !internal && family === 'IPv4')!.address;

const registrations = {
  bender: (host: string) =>
    server.ask('POST', '/registrations', {
      body: { app: 'web', version: '1', host, port: 9, check: { tcp: true } },
    }),
  'bender at a path': (host: string) =>
    server.ask('POST', `/registrations/web/1/${encodeURIComponent(host)}/9`, { body: { check: { tcp: true } } }),
  Consul: (host: string) =>
    server.ask('PUT', '/v1/agent/service/register', {
      body: { Name: 'web', Address: host, Port: 9, Check: { TCP: `${host}:9`, Interval: '5s', Status: 'passing' } },
    }),
};

describe.each(Object.entries(registrations))('a registration of %s with a check', (_, register) => {
  it.each(['198.51.100.9', '::ffff:198.51.100.9', ''])('of loopback is refused from %j', async (address) => {
    from = address;
    for (const host of ['127.0.0.1', '127.8.8.8', '::1', 'localhost', 'a.localhost'])
      expect(JSON.stringify(await register(host))).toMatch(/"status":400.*and your address is not/);
  });

  it('of another machine is taken from anywhere', async () => {
    from = '198.51.100.9';
    expect([200, 201]).toContain((await register('198.51.100.9')).status);
  });

  it.each(['127.0.0.1', '::1', '::ffff:127.0.0.1', own, `::ffff:${own}`])(
    'of loopback is taken from %s',
    async (address) => {
      from = address;
      expect([200, 201]).toContain((await register('127.0.0.1')).status);
    },
  );
});

it('a registration of loopback without a check is taken from anywhere', async () => {
  from = '198.51.100.9';
  const body = { app: 'plain', version: '1', host: '127.0.0.1', port: 9 };
  expect((await server.ask('POST', '/registrations', { body })).status).toBe(201);
});

it('the probe of a daemon changes nothing by what is asked of Consul', async () => {
  from = '127.0.0.1';
  await registrations.Consul('10.1.1.1');
  for (const path of ['/v1/agent/service/deregister/web', '/V1/agent/service/deregister/web'])
    expect(await server.ask('GET', path, { headers: { 'user-agent': 'bender' } })).toMatchObject({ status: 403 });
  expect((await server.ask('GET', '/registrations/web')).body).toContainEqual(
    expect.objectContaining({ host: '10.1.1.1' }),
  );
  expect(await server.ask('GET', '/readyz', { headers: { 'user-agent': 'bender' } })).toMatchObject({ status: 200 });
});
