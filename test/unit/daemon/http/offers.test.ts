/**
 * Requests that offer another protocol, which is not taken: they are answered, and so is what follows on their
 * connection.
 */

import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Status } from '../../../../src/model/daemon.js';
import { ApiServer } from '../../../helpers/api-server.js';
import { eventually } from '../../../helpers/eventually.js';

let server: ApiServer;
beforeAll(async () => {
  server = await ApiServer.start();
});
afterAll(() => server.stop());

/** A connection, and what has come by it. */
class Caller {
  answers = '';
  isClosed = false;
  readonly #socket: Socket;

  constructor() {
    this.#socket = connect((server.web.server.address() as AddressInfo).port, '127.0.0.1');
    this.#socket.setEncoding('latin1').on('data', (text: string) => (this.answers += text));
    this.#socket.on('close', () => (this.isClosed = true));
  }

  get statuses(): string[] {
    return [...this.answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status!);
  }

  async send(text: string, answers: number): Promise<void> {
    this.#socket.write(text, 'latin1');
    await eventually(() => Promise.resolve(this.statuses.length >= answers && bodiesOf(this.answers) >= answers));
  }

  closed(): Promise<unknown> {
    return eventually(() => Promise.resolve(this.isClosed));
  }

  end(): void {
    this.#socket.destroy();
  }
}

const bodiesOf = (answers: string): number => answers.match(/\{"/g)?.length ?? 0;

const h2c = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n';
const peerUpgrade = 'GET /peer HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: other\r\n';
const renewals = 'Content-Type: application/json\r\nContent-Length: 10\r\n\r\n{"ids":[]}';
const another = 'GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';

describe.each([
  ['h2c', `GET /livez HTTP/1.1\r\nHost: a\r\n${h2c}\r\n`],
  ['h2c with a body', `POST /renewals HTTP/1.1\r\nHost: a\r\n${h2c}${renewals}`],
  ['a websocket', 'GET /livez HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'],
])('a request that offers %s', (_, offer) => {
  it.each([
    ['another', another, '200'],
    ['what is malformed', 'BLA\r\n\r\n', '400'],
    ['what is binary', '\x16\x03\x01\x02\x00', '400'],
    ['headers without an end', `GET /livez HTTP/1.1\r\nx: ${'x'.repeat(20_000)}`, '431'],
  ])('is answered, and %s behind it', async (_, rest, status) => {
    const [together, apart] = [new Caller(), new Caller()];
    await together.send(offer + rest, 2);
    await apart.send(offer, 1);
    expect(apart.isClosed).toBe(false);
    await apart.send(rest, 2);
    for (const caller of [together, apart]) {
      expect(caller.statuses).toEqual(['200', status]);
      await caller.closed();
    }
  });

  it('may come again and again on one connection', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => void warnings.push(warning);
    process.on('warning', note);
    const caller = new Caller();
    for (let count = 1; count <= 30; count++) await caller.send(offer, count);
    process.off('warning', note);
    expect(warnings).toEqual([]);
    const { load } = (await server.ask('GET', '/status')).body as Status;
    expect(load!.connections).toBe(2);
    caller.end();
  });
});

it.each(['', another, 'BLA\r\n\r\n', '\x00\x01'])(
  'CONNECT is refused with a body, whatever follows (%j)',
  async (rest) => {
    const caller = new Caller();
    await caller.send(`CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n${rest}`, 1);
    await caller.closed();
    expect(caller.statuses).toEqual(['405']);
    expect(caller.answers).toContain('{"code":"METHOD_NOT_ALLOWED",');
  },
);

it.each([
  ['CONNECT', 'CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n', '405'],
  ['an upgrade of a browser', `${peerUpgrade}Origin: http://evil.example\r\n\r\n`, '403'],
  ['an upgrade to another protocol', `${peerUpgrade}\r\n`, '400'],
])('closes the connection of %s that is refused, also if its client goes on sending', async (_, head, status) => {
  const { port } = server.web.server.address() as AddressInfo;
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write(head);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  const sending = setInterval(() => socket.write('more'), 20);
  await closed;
  clearInterval(sending);
  expect(answer.toString('latin1')).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
});
