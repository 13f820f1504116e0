import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { type Frame, protocolVersion } from '../../../../src/daemon/core/replication/frame.js';
import { encodeMessage, maxMessageBytes, type Message } from '../../../../src/daemon/peer/message.js';
import { MessageReader } from '../../../../src/daemon/peer/message-reader.js';
import { PeerTraffic } from '../../../../src/daemon/peer/peer-traffic.js';
import { StreamTransport } from '../../../../src/daemon/peer/stream-transport.js';
import { BenderError, InvalidError } from '../../../../src/model/errors.js';
import { ApiServer } from '../../../helpers/api-server.js';
import { eventually } from '../../../helpers/eventually.js';
import { type Line, logOf } from '../../../helpers/log.js';

let server: ApiServer;
const transport = new StreamTransport();
beforeAll(async () => {
  server = await ApiServer.start();
});
afterAll(async () => {
  transport.close();
  await server.stop();
});

const frame = {
  v: protocolVersion,
  cluster: 'test',
  from: { name: 'two', runId: 'r', generation: 1, url: 'http://127.0.0.1:2', synced: true, warm: true },
} as Frame;
const encode = (value: unknown): Buffer => encodeMessage(value as Message);
const exchange = (change: object = {}, timeoutMs = 10_000) =>
  transport.exchange(server.url, { ...frame, ...change }, timeoutMs);

function receiveWith(receive: (frame: unknown) => unknown) {
  return jest.spyOn(server.daemon, 'receive').mockImplementation(receive as () => Frame);
}

describe('between the transport and /peer', () => {
  it('frames arrive as they were sent, bytes included', async () => {
    const sync = { changes: [['doc', [new Uint8Array([0, 1, 255])]]] };
    const receive = receiveWith((received) => received);
    const answer = await exchange({ sync });
    receive.mockRestore();
    expect(answer).toMatchObject(frame);
    const [[, [bytes]]] = answer.sync!.changes as unknown as [[string, [Uint8Array]]];
    expect([...bytes]).toEqual([0, 1, 255]);
  });

  it('an error of the peer is the same error here', async () => {
    const receive = receiveWith(() => {
      throw new BenderError('CLUSTER_MISMATCH', 'staging is not production');
    });
    const refusal = exchange();
    await expect(refusal).rejects.toMatchObject({
      code: 'CLUSTER_MISMATCH',
      message: 'staging is not production',
    });
    receive.mockRestore();
  });

  it('is counted', async () => {
    const traffic = new PeerTraffic();
    const counted = new StreamTransport({ traffic });
    const receive = receiveWith((received) => received);
    await counted.exchange(server.url, frame, 10_000);
    receive.mockRestore();
    const refuse = receiveWith(() => {
      throw new BenderError('CLUSTER_MISMATCH', 'staging is not production');
    });
    await expect(counted.exchange(server.url, frame, 10_000)).rejects.toThrow('staging');
    refuse.mockRestore();
    counted.close();
    expect(traffic).toMatchObject({ exchanges: 1, failures: 1 });
    expect(traffic.exchangesMs).toBeGreaterThan(0);
    expect(traffic.bytesSent).toBe(2 * encode([1, frame]).length);
    expect(traffic.bytesReceived).toBeGreaterThan(encode([1, frame]).length);
  });

  it('works while the peer joins', async () => {
    server.set({ phase: 'joining' });
    const receive = receiveWith((received) => received);
    await expect(exchange()).resolves.toMatchObject(frame);
    receive.mockRestore();
    server.set({ phase: 'running' });
  });
});

/** A connection on which nothing has been agreed yet. */
async function connected(path: string, headers: readonly string[], rest: Buffer = Buffer.alloc(0)): Promise<Socket> {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  const head = [`GET ${path} HTTP/1.1`, 'Host: a', ...headers, '', ''].join('\r\n');
  socket.write(Buffer.concat([Buffer.from(head), rest]));
  return socket;
}

const upgrade = ['Connection: Upgrade', 'Upgrade: bender/4'];

async function opened(): Promise<Socket> {
  const socket = await connected('/peer', upgrade);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1.1 101 .*\r\nUpgrade: bender\/4\r\n\r\n$/s);
  return socket;
}

describe('/peer', () => {
  it.each([['GET'], ['POST']])('answers %s without an upgrade with what it takes', async (method) => {
    expect(await server.ask(method, '/peer')).toMatchObject({
      status: 400,
      body: {
        code: 'INVALID',
        message: "/peer is for daemons of this version: it takes an upgrade to 'bender/4'",
      },
    });
  });

  it.each([
    ['not CBOR', Buffer.from([0, 0, 0, 1, 0xff])],
    ['a message that is too long', Buffer.from([0xff, 0, 0, 0])],
    ['a message of no bytes', Buffer.alloc(4)],
    ['another protocol', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['no message', encode({ v: 3 })],
    ['no number', encode(['one', frame])],
    ['a refusal without words', encode([1, null, { code: 'INVALID' }])],
    ['nothing', encode(null)],
  ])('ends a stream that brings %s', async (_, bytes) => {
    const socket = await opened();
    socket.write(bytes);
    await once(socket, 'close');
  });

  it('answers what came in one piece with the upgrade', async () => {
    const receive = receiveWith((received) => received);
    const socket = await connected('/peer', upgrade, encode([1, frame]));
    let read = Buffer.alloc(0);
    for await (const chunk of socket) {
      read = Buffer.concat([read, chunk as Buffer]);
      if (read.includes(encode([1, frame]))) break;
    }
    receive.mockRestore();
  });

  it('ends a stream that began with something else', async () => {
    const socket = await connected('/peer', upgrade, Buffer.from('\xff\xff\xff\xff', 'latin1'));
    await once(socket.resume(), 'close');
  });

  it('refuses an upgrade to anything else', async () => {
    const socket = await connected('/peer', ['Connection: Upgrade', 'Upgrade: websocket']);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1.1 400 .*"code":"INVALID".*upgrade to 'bender\/4'/s);
    await once(socket.resume(), 'close');
  });

  it('stops answering a peer that does not take its answers, until it does', async () => {
    const large = { ...frame, from: { ...frame.from, name: 'x'.repeat(500_000) } };
    let received = 0;
    const receive = receiveWith(() => (received++, large));
    const socket = await opened();
    socket.pause();
    const request = encode([1, frame]);
    const sent = 300;
    socket.write(Buffer.concat(Array<Buffer>(sent).fill(request)));
    let before = -1;
    await eventually(
      () => {
        const isStill = received === before;
        before = received;
        return received > 0 && isStill;
      },
      { everyMs: 200 },
    );
    // What the kernel's buffers take has been answered, and one more.
    expect(received).toBeLessThan(sent / 3);
    socket.resume();
    await eventually(() => received === sent);
    receive.mockRestore();
    socket.destroy();
  });

  it('has a bounded number of messages of one stream under way, and takes the others when those are answered', async () => {
    const waiting: (() => void)[] = [];
    let received = 0;
    const receive = receiveWith((one) => {
      received++;
      return new Promise((resolve) => waiting.push(() => resolve(one)));
    });
    const socket = await opened();
    socket.resume();
    socket.write(Buffer.concat(Array.from({ length: 100 }, (_, index) => encode([index, frame]))));
    await eventually(() => received === 16);
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(received).toBe(16);
    await eventually(() => {
      for (const answer of waiting.splice(0)) answer();
      return received === 100;
    });
    receive.mockRestore();
    socket.destroy();
  });

  it('takes messages in pieces, and several at once', async () => {
    const receive = receiveWith((received) => received);
    const socket = await opened();
    const bytes = Buffer.concat([encode([1, frame]), encode([2, frame])]);
    for (const [from, to] of [
      [0, 10],
      [10, bytes.length - 5],
      [bytes.length - 5, bytes.length],
    ] as const) {
      socket.write(bytes.subarray(from, to));
      await new Promise((resolve) => setImmediate(resolve));
    }
    let answers = Buffer.alloc(0);
    for await (const chunk of socket) {
      answers = Buffer.concat([answers, chunk as Buffer]);
      if (answers.length === bytes.length) break;
    }
    expect([...new MessageReader().read(answers)]).toEqual([
      [1, frame],
      [2, frame],
    ]);
    receive.mockRestore();
  });

  it('ends a stream after a pause instead of reading what had been waiting', async () => {
    const awake = jest.spyOn(server.daemon, 'awake');
    const receive = receiveWith((received) => received);
    const socket = await opened();
    awake.mockReturnValue(false);
    socket.write(encode([1, frame]));
    await once(socket, 'close');
    expect(receive).not.toHaveBeenCalled();
    awake.mockRestore();
    receive.mockRestore();
  });

  it('answers requests as ever that offer an upgrade to something else', async () => {
    const socket = await connected('/livez', [
      'Connection: Upgrade, HTTP2-Settings',
      'Upgrade: h2c',
      'HTTP2-Settings: AAEAAEAAAAIAAAAB',
    ]);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1.1 200 /);
    socket.write('GET /livez HTTP/1.1\r\nHost: a\r\n\r\n');
    const [next] = (await once(socket, 'data')) as [Buffer];
    expect(next.toString()).toMatch(/^HTTP\/1.1 200 /);
    socket.destroy();
  });

  it('takes the body of such a request', async () => {
    const offer = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': '' };
    const body = { app: 'web', version: '1.0.0', host: '10.0.0.1', port: 80 };
    expect(await server.ask('POST', '/registrations', { headers: offer, body })).toMatchObject({
      status: 201,
    });
  });
});

describe('the transport', () => {
  let other: Server;
  const listening = async (server: Server): Promise<string> => {
    other = server.listen(0, '127.0.0.1');
    await once(other, 'listening');
    return `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  };
  /** A server that takes the upgrade, and what it makes of the socket then. */
  const agreeing = (use: (socket: Socket) => void): Server =>
    createServer().on('upgrade', (_, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: bender/4\r\n\r\n');
      socket.on('error', () => undefined);
      sockets.push(socket as Socket);
      use(socket as Socket);
    });
  const sockets: Socket[] = [];
  const close = async (): Promise<void> => {
    for (const socket of sockets.splice(0)) socket.destroy();
    other.closeAllConnections();
    other.close();
    await once(other, 'close');
  };

  it('gives up a peer that does not answer, and its connection', async () => {
    const url = await listening(createServer((request) => void request));
    const connection = once(other, 'connection');
    await expect(transport.exchange(url, frame, 50)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: `${url}: no answer within 50 ms`,
    });
    const [socket] = (await connection) as [Socket];
    if (!socket.closed) await once(socket, 'close');
    await close();
  });

  it('says that something is there that does not answer', async () => {
    const url = await listening(createServer((request) => void request));
    let there = 0;
    await expect(transport.exchange(url, frame, 50, () => there++)).rejects.toThrow();
    expect(there).toBe(1);
    await close();
    await expect(transport.exchange(url, frame, 50, () => there++)).rejects.toThrow();
    expect(there).toBe(1);
  });

  it('says so over a connection that it has kept, too', async () => {
    let number = 0;
    const url = await listening(agreeing((socket) => socket.on('data', () => socket.write(encode([++number, frame])))));
    let there = 0;
    for (const _ of [1, 2, 3]) await transport.exchange(url, frame, 1000, () => there++);
    expect(there).toBe(3);
    await close();
  });

  it('leaves others their time whose answers are still to come, and calls anew', async () => {
    const asked: Socket[] = [];
    const url = await listening(agreeing((socket) => socket.on('data', () => asked.push(socket))));
    const patient = transport.exchange(url, frame, 10_000);
    await expect(transport.exchange(url, frame, 50)).rejects.toMatchObject({ code: 'UNREACHABLE' });
    const anew = transport.exchange(url, frame, 10_000);
    await eventually(() => sockets.length === 2);
    sockets[0]!.write(encode([1, frame]));
    await expect(patient).resolves.toEqual(frame);
    await eventually(() => asked.includes(sockets[1]!));
    sockets[1]!.write(encode([1, frame]));
    await expect(anew).resolves.toEqual(frame);
    await close();
  });

  it('fails what is under way with the connection', async () => {
    const url = await listening(agreeing((socket) => socket.on('data', () => socket.destroy())));
    await expect(transport.exchange(url, frame, 10_000)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.not.stringContaining('no answer within'),
    });
    await close();
  });

  it('says so where nobody listens', async () => {
    const url = await listening(createServer());
    await close();
    await expect(transport.exchange(url, frame, 10_000)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it.each([
    [500, '<html>', 'UNREACHABLE'],
    [502, '{}', 'UNREACHABLE'],
    [200, 'not ours', 'UNREACHABLE'],
    [400, '{"code": "INVALID", "message": "another version"}', 'INVALID'],
  ])('takes an answer %d %s for %s', async (status, body, code) => {
    const url = await listening(createServer((_, response) => response.writeHead(status).end(body)));
    await expect(transport.exchange(url, frame, 1000)).rejects.toMatchObject({ code });
    await close();
  });

  it('takes bytes that are no message for the end', async () => {
    const url = await listening(agreeing((socket) => socket.write(Buffer.from([0, 0, 0, 1, 0xff]))));
    await expect(transport.exchange(url, frame, 1000)).rejects.toMatchObject({ code: 'UNREACHABLE' });
    await close();
  });

  it('sends nothing that the peer would not take', async () => {
    const url = await listening(agreeing(() => undefined));
    const from = { ...frame.from, name: 'x'.repeat(maxMessageBytes) };
    await expect(transport.exchange(url, { ...frame, from }, 1000)).rejects.toMatchObject({
      code: 'INVALID',
    });
    await close();
  });

  it('says so where a daemon of another version listens', async () => {
    const former = createServer().on('upgrade', (_, socket) => {
      sockets.push(socket as Socket);
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: bender\r\n\r\n');
    });
    const url = await listening(former);
    await expect(transport.exchange(url, frame, 1000)).rejects.toMatchObject({ code: 'CLUSTER_MISMATCH' });
    await close();
  });

  it('keeps its connection when the time of an exchange is over that was answered', async () => {
    let number = 0;
    const url = await listening(
      agreeing((socket) =>
        socket.on('data', () => {
          const answer = encode([++number, frame]);
          if (number === 2) setTimeout(() => socket.write(answer), 100);
          else socket.write(answer);
        }),
      ),
    );
    await transport.exchange(url, frame, 50);
    // While this one is waited for, the time of the first one passes.
    await transport.exchange(url, frame, 10_000);
    await transport.exchange(url, frame, 10_000);
    expect(sockets).toHaveLength(1);
    await close();
  });

  it('keeps its connection', async () => {
    let connections = 0;
    const url = await listening(
      agreeing((socket) => {
        connections++;
        let number = 0;
        socket.on('data', () => socket.write(encode([++number, frame])));
      }),
    );
    for (const _ of [1, 2, 3]) expect(await transport.exchange(url, frame, 1000)).toEqual(frame);
    expect(connections).toBe(1);
    await close();
  });
});

it('is refused if it advertises a loopback address from elsewhere', async () => {
  // The same check that /peer makes, with a remote address that a test cannot have.
  const { refuseUnreachable } = await import('../../../../src/daemon/peer/peer-endpoint.js');
  const lines: Line[] = [];
  const log = logOf((line) => lines.push(line));
  for (const url of ['http://127.0.0.1:1729', 'http://localhost:1729', 'http://[::1]:1729'])
    for (const _ of [1, 2]) expect(() => refuseUnreachable(url, '198.51.100.7', log)).toThrow(InvalidError);
  expect(lines).toEqual([
    {
      level: 'warn',
      message: 'refused a peer that advertises a loopback address but is not on this machine',
      fields: { address: '198.51.100.7', url: 'http://127.0.0.1:1729' },
    },
  ]);
  for (const remote of ['127.0.0.1', '::1', '::ffff:127.0.0.1'])
    refuseUnreachable('http://127.0.0.1:1729', remote, log);
  refuseUnreachable('http://198.51.100.7:1729', '198.51.100.7', log);
  for (const odd of [null, undefined, {}, 7]) refuseUnreachable(odd, '198.51.100.7', log);
  expect(lines).toHaveLength(1);
});
