import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type Frame, protocolVersion } from '../../../src/daemon/core/frame.js';
import { encodeFrame, maxFrameBytes } from '../../../src/daemon/frame-codec.js';
import { HttpTransport } from '../../../src/daemon/http-transport.js';
import { BenderError, InvalidError } from '../../../src/model/errors.js';
import { ApiServer } from '../../helpers/api-server.js';

let server: ApiServer;
const transport = new HttpTransport();
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
const exchange = (change: object = {}, timeoutMs = 10_000) =>
  transport.exchange(server.url, { ...frame, ...change }, timeoutMs);

function receiveWith(receive: (frame: unknown) => unknown) {
  return jest.spyOn(server.daemon, 'receive').mockImplementation(receive as () => Frame);
}

describe('between the transport and POST /peer', () => {
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

  it('works while the peer joins', async () => {
    server.set({ phase: 'joining' });
    const receive = receiveWith((received) => received);
    await expect(exchange()).resolves.toMatchObject(frame);
    receive.mockRestore();
    server.set({ phase: 'running' });
  });
});

describe('POST /peer', () => {
  const post = (body: string, type = 'application/cbor') =>
    server.ask('POST', '/peer', { headers: { 'content-type': type }, body });

  it.each([
    ['', 'application/cbor', 400, 'INVALID'],
    ['not CBOR', 'application/cbor', 400, 'INVALID'],
    ['{}', 'application/json', 415, 'UNSUPPORTED_MEDIA_TYPE'],
  ])('answers %j of type %s with %d', async (body, type, status, code) => {
    expect(await post(body, type)).toMatchObject({ status, body: { code } });
  });

  it('refuses what says that it is too large before it has come', async () => {
    const response = await fetch(`${server.url}/peer`, {
      method: 'POST',
      headers: { 'content-type': 'application/cbor' },
      body: Buffer.alloc(maxFrameBytes + 1),
    });
    expect(response.status).toBe(413);
  });
});

describe('the transport', () => {
  let other: Server;
  const listening = async (server: Server): Promise<string> => {
    other = server.listen(0, '127.0.0.1');
    await once(other, 'listening');
    return `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  };
  const close = async (): Promise<void> => {
    other.closeAllConnections();
    other.close();
    await once(other, 'close');
  };

  it('gives up a peer that does not answer, and its connection', async () => {
    const url = await listening(createServer());
    const connected = once(other, 'connection');
    await expect(transport.exchange(url, frame, 50)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: `${url}: no answer within 50 ms`,
    });
    const [socket] = (await connected) as [Socket];
    if (!socket.closed) await once(socket, 'close');
    await close();
  });

  it('says that somebody is there who does not answer', async () => {
    const url = await listening(createServer());
    let there = 0;
    await expect(transport.exchange(url, frame, 50, () => there++)).rejects.toThrow();
    expect(there).toBe(1);
    await close();
    await expect(transport.exchange(url, frame, 50, () => there++)).rejects.toThrow();
    expect(there).toBe(1);
  });

  it('says so over a connection that it has kept, too', async () => {
    const answer = encodeFrame(frame);
    const url = await listening(
      createServer((request, response) => request.resume().on('end', () => response.end(answer))),
    );
    let there = 0;
    for (const _ of [1, 2, 3]) await transport.exchange(url, frame, 1000, () => there++);
    expect(there).toBe(3);
    await close();
  });

  it('gives up a peer that stops in the middle of its answer', async () => {
    const url = await listening(createServer((_, response) => response.write('half')));
    await expect(transport.exchange(url, frame, 100)).rejects.toMatchObject({ code: 'UNREACHABLE' });
    await close();
  });

  it('says so where nobody listens', async () => {
    const url = await listening(createServer());
    await close();
    await expect(transport.exchange(url, frame, 1000)).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });

  it.each([
    [500, '<html>', 'UNREACHABLE'],
    [502, '{}', 'UNREACHABLE'],
    [200, 'not CBOR', 'UNREACHABLE'],
  ])('takes an answer %d %s for that of something else', async (status, body, code) => {
    const url = await listening(createServer((_, response) => response.writeHead(status).end(body)));
    await expect(transport.exchange(url, frame, 1000)).rejects.toMatchObject({ code });
    await close();
  });

  it('keeps its connection', async () => {
    let connections = 0;
    const answer = encodeFrame(frame);
    const url = await listening(
      createServer((request, response) => request.resume().on('end', () => response.end(answer))),
    );
    other.on('connection', () => connections++);
    for (const _ of [1, 2, 3]) expect(await transport.exchange(url, frame, 1000)).toEqual(frame);
    expect(connections).toBe(1);
    await close();
  });
});

it('is refused where it advertises a loopback address from elsewhere', async () => {
  // The same check that POST /peer makes, with a remote address that a test cannot have.
  const { refuseUnreachable } = await import('../../../src/daemon/http/peer-endpoint.js');
  const log = { debug: jest.fn(), info: jest.fn(), warn: jest.fn(), error: jest.fn() };
  for (const url of ['http://127.0.0.1:1729', 'http://localhost:1729', 'http://[::1]:1729'])
    expect(() => refuseUnreachable({ from: { url } }, '10.0.0.2', log)).toThrow(InvalidError);
  expect(log.warn).toHaveBeenCalledTimes(3);
  for (const remote of ['127.0.0.1', '::1', '::ffff:127.0.0.1'])
    refuseUnreachable({ from: { url: 'http://127.0.0.1:1729' } }, remote, log);
  refuseUnreachable({ from: { url: 'http://10.0.0.2:1729' } }, '10.0.0.2', log);
  for (const odd of [null, {}, { from: null }, { from: { url: 7 } }]) refuseUnreachable(odd, '10.0.0.2', log);
  expect(log.warn).toHaveBeenCalledTimes(3);
});
