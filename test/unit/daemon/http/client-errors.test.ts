import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { Pressure } from '../../../../src/daemon/http/pressure.js';
import { ApiServer } from '../../../helpers/api-server.js';
import { eventually } from '../../../helpers/eventually.js';

let server: ApiServer;
beforeAll(async () => {
  server = await ApiServer.start();
});
afterAll(() => server.stop());

/** A connection, and all that is answered on it until it is closed. */
function connected(): { socket: Socket; answer: Promise<string> } {
  const socket = connect((server.web.server.address() as AddressInfo).port, '127.0.0.1').setEncoding('latin1');
  let read = '';
  socket.on('data', (text: string) => (read += text));
  return { socket, answer: once(socket, 'close').then(() => read) };
}

function bodyOf(answer: string): unknown {
  const [head, body] = answer.split('\r\n\r\n') as [string, string];
  expect(head.toLowerCase()).toContain('\r\ncontent-type: application/json');
  return JSON.parse(body);
}

describe('what Node itself refuses', () => {
  const chunked = 'POST /renewals HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';
  it.each([
    ['no HTTP', 'NONSENSE\r\n\r\n', 400, 'INVALID'],
    ['headers that are too long', `GET /livez HTTP/1.1\r\nx: ${'x'.repeat(20_000)}`, 431, 'TOO_LARGE'],
    ['extensions of a chunk that are too long', `${chunked}1;${'x'.repeat(20_000)}\r\n`, 413, 'TOO_LARGE'],
    ['a chunk that is none', `${chunked}NONE\r\n`, 400, 'INVALID'],
    ['an expectation', 'GET /livez HTTP/1.1\r\nHost: a\r\nExpect: a\r\n\r\n', 417, 'INVALID'],
  ])('has a body: %s', async (_, sent, status, code) => {
    const { socket, answer } = connected();
    socket.write(sent);
    expect(await answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(bodyOf(await answer)).toEqual({ code, message: expect.stringMatching(/./) });
  });

  it('has a body: a request that takes too long', async () => {
    const { socket, answer } = connected();
    const [accepted] = await Promise.all([once(server.web.server, 'connection'), once(socket, 'connect')]);
    const late = Object.assign(new Error('Request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
    // Node looks for such requests every some seconds.
    server.web.server.emit('clientError', late, (accepted as [Socket])[0]);
    expect(await answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(bodyOf(await answer)).toEqual({ code: 'TIMED_OUT', message: 'the request did not come whole in time' });
  });

  it('is answered in its place, if it is a body among pipelined requests', async () => {
    let settle!: () => void;
    server.daemon.deregister = () => new Promise((resolve) => (settle = resolve));
    const { socket, answer } = connected();
    socket.write(`DELETE /registrations/web/1/h/80 HTTP/1.1\r\nHost: a\r\n\r\n${chunked}NONE\r\n`);
    await eventually(() => settle !== undefined);
    settle();
    const statuses = [...(await answer).matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
    expect(statuses).toEqual(['204', '400']);
  });

  it.each([
    ['a transfer coding that is none', 'Transfer-Encoding: x\r\n\r\n'],
    ['a chunk that is none', 'Transfer-Encoding: chunked\r\n\r\nNONE\r\n'],
  ])('does not hide that a request was done that needs no body: %s', async (_, rest) => {
    let settle!: () => void;
    server.daemon.deregister = () => new Promise((resolve) => (settle = resolve));
    const { socket, answer } = connected();
    socket.write(`DELETE /registrations/web/1/h/80 HTTP/1.1\r\nHost: a\r\n${rest}`);
    await eventually(() => settle !== undefined);
    settle();
    const statuses = [...(await answer).matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
    expect(statuses).toEqual(['204', '400']);
  });

  it('is answered in its place, if it waited for its turn', async () => {
    const overloaded = jest.spyOn(Pressure.prototype, 'overloaded', 'get').mockReturnValue(false);
    const waiting: (() => void)[] = [];
    server.daemon.deregister = () => new Promise((resolve) => waiting.push(resolve));
    const { socket, answer } = connected();
    const one = 'DELETE /registrations/web/1/h/80 HTTP/1.1\r\nHost: a\r\n\r\n';
    socket.write(`${one.repeat(40)}${chunked}NONE\r\n`);
    await eventually(() => waiting.length === 32);
    await eventually(() => {
      for (const settle of waiting.splice(0)) settle();
      return socket.closed;
    });
    const statuses = [...(await answer).matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
    expect(statuses).toEqual([...Array<string>(40).fill('204'), '400']);
    overloaded.mockRestore();
  });

  it('is not answered where the client has gone', async () => {
    const { socket, answer } = connected();
    const [accepted] = await Promise.all([once(server.web.server, 'connection'), once(socket, 'connect')]);
    const gone = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    server.web.server.emit('clientError', gone, (accepted as [Socket])[0]);
    expect(await answer).toBe('');
    await eventually(() => (accepted as [Socket])[0].destroyed);
  });
});
