import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, type Socket } from 'node:net';
import { Pressure } from '../../../../src/daemon/http/pressure.js';
import { streamProtocol } from '../../../../src/daemon/peer/message-stream.js';
import { ApiServer } from '../../../helpers/api-server.js';

let server: ApiServer;
let idle: Socket[] = [];
beforeEach(async () => {
  // On a busy machine the bursts below would be refused.
  jest.spyOn(Pressure.prototype, 'overloaded', 'get').mockReturnValue(false);
  server = await ApiServer.start();
});
afterEach(async () => {
  for (const socket of idle.splice(0)) socket.destroy();
  await server.stop();
  jest.restoreAllMocks();
});

const port = (): number => (server.web.server.address() as AddressInfo).port;

/** All that is answered to `sent` until the connection is closed, or `isWhole`. */
async function exchangeRaw(sent: string, isWhole = (_: string): boolean => false): Promise<string> {
  const socket = connect(port(), '127.0.0.1');
  socket.setEncoding('utf8').write(sent);
  let read = '';
  socket.on('data', (text: string) => (read += text));
  socket.on('error', () => undefined);
  const closed = once(socket, 'close');
  while (!isWhole(read) && !socket.destroyed) await Promise.race([closed, once(socket, 'data').catch(() => undefined)]);
  socket.destroy();
  return read;
}

const statusesIn = (read: string): string[] => [...read.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status!);
const requestOf = (method: string, path: string, headers = ''): string =>
  `${method} ${path} HTTP/1.1\r\nHost: h\r\n${headers}\r\n`;

// Beyond some dozen connections, bytes are taken over before Node's parser sees them.
describe.each([0, 80])('beside %i idle connections', (count) => {
  beforeEach(async () => {
    idle = Array.from({ length: count }, () => connect(port(), '127.0.0.1'));
    await Promise.all(idle.map((socket) => once(socket, 'connect')));
  });

  it('takes a large body between pipelined requests', async () => {
    const ids = Array.from({ length: 9000 }, (_, index) => `web/1/${index}/80`);
    const body = JSON.stringify({ ids });
    const headers = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`;
    const read = await exchangeRaw(
      `${requestOf('GET', '/livez')}${requestOf('POST', '/renewals', headers)}${body}${requestOf('GET', '/readyz')}`,
      (text) => text.includes('"ready"'),
    );
    expect(statusesIn(read)).toEqual(['200', '200', '200']);
    expect(read).toContain('"renewed":0');
  });

  it('answers every one of two thousand pipelined requests, in their order', async () => {
    for (const host of ['a', 'b']) server.daemon.register({ app: 'web', version: '1', host, port: 80 }, {});
    const paths = Array.from({ length: 2000 }, (_, index) => `/registrations/web/1/${'abc'[index % 3]}/80`);
    const read = await exchangeRaw(
      paths.map((path) => requestOf('GET', path)).join(''),
      (text) => statusesIn(text).length === paths.length,
    );
    expect(statusesIn(read)).toEqual(paths.map((_, index) => (index % 3 === 2 ? '404' : '200')));
    expect([...read.matchAll(/"host":"(.)"/g)].map(([, host]) => host).slice(0, 4)).toEqual(['a', 'b', 'a', 'b']);
  });

  it('begins no more than some dozen requests of one connection before they are answered', async () => {
    let begun = 0;
    let most = 0;
    server.daemon.deregister = () => {
      most = Math.max(most, ++begun);
      return new Promise((resolve) =>
        setImmediate(() =>
          setImmediate(() => {
            begun--;
            resolve();
          }),
        ),
      );
    };
    const requests = requestOf('DELETE', '/registrations/web/1/h/80').repeat(500);
    const read = await exchangeRaw(requests, (text) => statusesIn(text).length === 500);
    expect(new Set(statusesIn(read))).toEqual(new Set(['204']));
    expect(most).toBe(32);
  });

  it('turns to others while one connection keeps it busy', async () => {
    server.daemon.register({ app: 'web', version: '1', host: 'h', port: 80 }, {});
    const registration = server.daemon.registration.bind(server.daemon);
    let asked = 0;
    server.daemon.registration = (id) => {
      asked++;
      const until = performance.now() + 2;
      while (performance.now() < until);
      return registration(id);
    };
    const slow = connect(port(), '127.0.0.1');
    slow.on('error', () => undefined).resume();
    slow.write(requestOf('GET', '/registrations/web/1/h/80').repeat(1000));
    while (asked === 0) await new Promise(setImmediate);
    expect(await server.ask('GET', '/livez')).toMatchObject({ status: 200 });
    // Two seconds of work wait; without turns all of it would have come first.
    expect(asked).toBeLessThan(300);
    slow.destroy();
  });

  describe('a request that cannot be parsed', () => {
    it('is answered after those before it', async () => {
      const read = await exchangeRaw(
        requestOf('POST', '/registrations/web/1.0.0/h/80', 'Content-Length: 0\r\n') + 'NONSENSE\r\n\r\n',
      );
      expect(statusesIn(read)).toEqual(['200', '400']);
      expect(read).toContain('"code":"INVALID"');
      expect(server.daemon.registration('web/1.0.0/h/80')).toBeDefined();
    });

    it('is answered after one that takes its time', async () => {
      let settle!: () => void;
      server.daemon.deregister = () => new Promise((resolve) => (settle = resolve));
      const reading = exchangeRaw(requestOf('DELETE', '/registrations/web/1/h/80') + 'NONSENSE\r\n\r\n');
      while (!settle) await new Promise(setImmediate);
      await new Promise(setImmediate);
      settle();
      expect(statusesIn(await reading)).toEqual(['204', '400']);
    });
  });

  it('opens a stream for a peer after the answers to what came before', async () => {
    let settle!: () => void;
    server.daemon.deregister = () => new Promise((resolve) => (settle = resolve));
    const reading = exchangeRaw(
      requestOf('POST', '/registrations/web/1.0.0/h/80', 'Content-Length: 0\r\n') +
        requestOf('DELETE', '/registrations/web/1/h/80') +
        requestOf('GET', '/peer', `Connection: upgrade\r\nUpgrade: ${streamProtocol}\r\n`),
      (text) => text.includes('101 Switching'),
    );
    while (!settle) await new Promise(setImmediate);
    await new Promise(setImmediate);
    settle();
    expect(statusesIn(await reading)).toEqual(['200', '204', '101']);
  });
});
