import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { HostProbes } from '../../../../src/daemon/probes/probes.js';
import { completeCheck, type CheckOptions } from '../../../../src/model/check.js';
import { freePort } from '../../../helpers/free-port.js';
import { TestAuthority } from '../../../helpers/authority.js';

const seen: { url: string | undefined; method: string | undefined; host: string | undefined }[] = [];

/** Says what its path asks for. */
function say({ url, method, headers: { host } }: IncomingMessage, response: ServerResponse): void {
  seen.push({ url, method, host });
  const path = url?.split('?')[0];
  if (path === '/endless') response.write('x'.repeat(64 * 1024));
  else if (path === '/cut') response.writeHead(200, { 'content-length': 100 }).write('x', () => response.destroy());
  else if (path === '/hang') return;
  else if (path === '/redirect') response.writeHead(302, { location: '/500' }).end();
  else if (path === '/heads') response.writeHead(200, { 'x-long': 'x'.repeat(64 * 1024) }).end();
  else response.writeHead(Number(path!.slice(1)) || 200).end('ok');
}

let plain: Server;
let secure: Server;
let upgrades: Server;
const ownPorts = new Set<number>();
const rules = { isOwnHostOnly: false, ownPorts };
const probes = new HostProbes(rules);
const listening = (server: Server): Promise<Server> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
const portOf = (server: Server): number => (server.address() as AddressInfo).port;
const probe = (port: number, check: CheckOptions, host = '127.0.0.1', signal = new AbortController().signal) =>
  probes.probe({ host, port, check: completeCheck(check) }, signal);

beforeAll(async () => {
  const { certificate, key } = await (await TestAuthority.make()).forDaemon('web');
  plain = await listening(createServer(say));
  secure = await listening(createSecureServer({ cert: certificate, key }, say));
  const upgrade = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n';
  upgrades = await listening(
    createTcpServer((socket) =>
      socket
        .on('error', () => undefined)
        .resume()
        .end(upgrade),
    ),
  );
});
afterAll(() => {
  probes.close();
  for (const server of [plain, secure, upgrades]) server.close();
});

describe('a probe', () => {
  it.each(['/200', '/204', '/302', '/redirect', '/endless', '/path?with=query'])('of %s passes', async (http) => {
    await probe(portOf(plain), { http });
    expect(seen.at(-1)).toEqual({ url: http, method: 'GET', host: `127.0.0.1:${portOf(plain)}` });
  });

  it.each([
    ['/404', 'http:/404: 404'],
    ['/503', 'http:/503: 503'],
    ['/cut', 'http:/cut: ECONNRESET'],
    ['/heads', 'http:/heads: HPE_HEADER_OVERFLOW'],
  ])('of %s fails', async (http, message) => {
    await expect(probe(portOf(plain), { http })).rejects.toThrow(message);
  });

  it('follows no redirect', async () => {
    const before = seen.length;
    await probe(portOf(plain), { http: '/redirect' });
    expect(seen.slice(before).map(({ url }) => url)).toEqual(['/redirect']);
  });

  it('fails on an upgrade that nobody asked for', async () => {
    await expect(probe(portOf(upgrades), { http: '/' })).rejects.toThrow('http:/: ');
  });

  it('of a port passes if it accepts a connection', async () => {
    await probe(portOf(plain), { tcp: true });
    await expect(probe(await freePort(), { tcp: true })).rejects.toThrow('tcp: ECONNREFUSED');
  });

  it('over TLS verifies the certificate, unless it is told not to', async () => {
    await expect(probe(portOf(secure), { https: '/200' })).rejects.toThrow(/https:\/200: \w*(CERT|SIGNATURE|ISSUER)/);
    await probe(portOf(secure), { https: '/200', skipVerify: true });
    await expect(probe(portOf(secure), { https: '/500', skipVerify: true })).rejects.toThrow('https:/500: 500');
  });

  it('ends when it is told to', async () => {
    const over = new AbortController();
    const probed = probe(portOf(plain), { http: '/hang' }, '127.0.0.1', over.signal);
    over.abort();
    await expect(probed).rejects.toThrow('http:/hang: ABORT_ERR');
  });

  it('of a name goes to the address that was checked, and not to one that is refused', async () => {
    await probe(portOf(plain), { http: '/200' }, 'localhost');
    expect(seen.at(-1)!.host).toBe(`localhost:${portOf(plain)}`);
    const before = seen.length;
    const rebound = new HostProbes(rules, (_, done) =>
      done(null, [
        { address: '198.51.100.7', family: 4 },
        { address: '169.254.169.254', family: 4 },
      ]),
    );
    for (const check of [{ http: '/200' }, { tcp: true }] as const)
      await expect(
        rebound.probe(
          { host: 'rebound.example', port: portOf(plain), check: completeCheck(check) },
          new AbortController().signal,
        ),
      ).rejects.toThrow('link-local');
    expect(seen).toHaveLength(before);
  });

  it("of the daemon's own port does not begin", async () => {
    const before = seen.length;
    const port = portOf(plain);
    ownPorts.add(port);
    for (const host of ['127.0.0.1', 'localhost'])
      await expect(probe(port, { http: '/200' }, host)).rejects.toThrow('this daemon itself');
    ownPorts.delete(port);
    expect(seen).toHaveLength(before);
  });

  it('of a name that leads to loopback sends nothing', async () => {
    const before = seen.length;
    const inwards = new HostProbes(rules, (_, done) => done(null, [{ address: '127.0.0.1', family: 4 }]));
    const target = { host: 'inwards.example', port: portOf(plain), check: completeCheck({ http: '/200' }) };
    await expect(inwards.probe(target, new AbortController().signal)).rejects.toThrow('loopback');
    expect(seen).toHaveLength(before);
  });

  it('of a refused address does not begin', async () => {
    await expect(probe(80, { tcp: true }, '169.254.169.254')).rejects.toThrow('link-local');
  });
});
