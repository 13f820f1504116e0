import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { ApiServer } from '../../../helpers/api-server.js';

let server: ApiServer;
beforeAll(async () => {
  server = await ApiServer.start();
});
afterAll(() => server.stop());

/** What the daemon answers to `lines`, and that it then closes the connection. */
async function raw(...lines: string[]): Promise<string> {
  const socket = connect((server.web.server.address() as AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  socket.end([...lines, '', ''].join('\r\n'));
  return text(socket);
}

const one = '/registrations/web/2.0.0/evil.example/80';
const path = '/registrations';
const foreign = { origin: 'http://evil.example' };

describe('a page of another site', () => {
  it.each([
    ['POST', one, foreign],
    ['POST', one, { origin: 'null' }],
    ['POST', one, { origin: 'http://127.0.0.1' }],
    ['POST', one, { 'sec-fetch-site': 'cross-site' }],
    ['POST', one, { 'sec-fetch-site': 'same-site' }],
    ['POST', one, { ...foreign, 'sec-fetch-site': 'same-origin' }],
    ['POST', '/backends/web/rollback?force=true', foreign],
    ['PUT', `${one}/lease`, foreign],
    ['DELETE', one, foreign],
    ['OPTIONS', one, foreign],
    ['GET', '/events', foreign],
    ['GET', '/events?app=a', { 'sec-fetch-site': 'cross-site' }],
    // What a browser sends for an image, by plain HTTP, and what a daemon sends that probes.
    ['GET', '/v1/agent/service/deregister/a', { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64)' }],
    ['GET', '/v1/agent/check/fail/service:a?note=x', { referer: 'http://evil.example/' }],
    ['GET', '/V1/agent/check/deregister/a', { 'accept-language': 'en' }],
    ['GET', '/v1/agent/check/pass/service:a', { 'user-agent': 'bender' }],
  ])('may not: %s %s %j', async (method, path, headers) => {
    const answer = await server.ask(method, path, { headers });
    expect(answer).toMatchObject({
      status: 403,
      body: { code: 'FORBIDDEN', message: expect.stringMatching(/./) },
    });
    expect((await server.ask('GET', '/registrations/web')).body).toEqual([]);
  });

  it.each([
    ['GET', '/v1/agent/services', { 'user-agent': 'Mozilla/5.0', 'accept-language': 'en' }],
    ['GET', path, foreign],
    ['HEAD', path, foreign],
    ['GET', '/status', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }],
  ])('gets what it cannot read: %s %s %j', async (method, path, headers) => {
    const answer = await server.ask(method, path, { headers });
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it.each([
    ['Origin: http://evil.example'],
    ['Origin: null'],
    ['Sec-Fetch-Site: cross-site'],
    // A page whose name leads here by DNS rebinding.
    ['Origin: http://127.0.0.1:1729'],
  ])('opens no stream: %s', async (header) => {
    const answer = await raw(
      'GET /peer HTTP/1.1',
      'Host: 127.0.0.1:1729',
      'Connection: upgrade',
      'Upgrade: websocket',
      header,
    );
    expect(answer).toMatch(/^HTTP\/1.1 403 Forbidden\r\n/);
    expect(answer).toMatch(/\r\n\r\n{"code":"FORBIDDEN","message":".+"}$/);
    expect(answer).toMatch(/\r\nx-content-type-options: nosniff\r\n/);
  });
});

describe('a page of this daemon', () => {
  it.each([
    [{}],
    [{ 'sec-fetch-site': 'none' }],
    [{ 'sec-fetch-site': 'same-origin' }],
    [{ host: 'known.example:1729', origin: 'http://known.example:1729' }],
    [{ host: 'known.example', origin: 'https://KNOWN.example' }],
  ])('may write: %j', async (headers) => {
    expect((await server.ask('POST', '/registrations/own/1/h/80', { headers })).status).toBeLessThan(300);
  });
});

describe('the Host', () => {
  it.each([
    ['127.0.0.1:1729'],
    ['10.0.0.5'],
    ['[::1]:1729'],
    ['[2001:db8::5]'],
    ['localhost'],
    ['LOCALHOST:80'],
    ['localhost.'],
    ['a.localhost:1729'],
    ['known.example'],
    ['Known.Example.:1729'],
  ])('may be %s', async (host) => {
    expect((await server.ask('GET', path, { headers: { host } })).status).toBe(200);
  });

  it.each([
    ['evil.example'],
    ['evil.example:1729'],
    ['evil-known.example'],
    ['known.example.evil'],
    ['localhost.evil.example'],
    ['127.0.0.1.evil.example'],
    ['2130706433'],
    ['evil@127.0.0.1'],
  ])('may not be %s', async (host) => {
    for (const [method, path] of [
      ['GET', '/registrations'],
      ['GET', '/livez'],
      ['GET', '/nothing'],
      ['POST', one],
      ['GET', '/peer'],
    ] as const) {
      const answer = await server.ask(method, path, { headers: { host } });
      expect(answer).toMatchObject({ status: 421, body: { code: 'HOST_NOT_ALLOWED' } });
    }
    expect((await server.ask('GET', '/registrations/web')).body).toEqual([]);
  });

  it('is told how to be allowed', async () => {
    const { body } = await server.ask('GET', path, { headers: { host: 'bender.internal:1729' } });
    expect(body).toMatchObject({ message: expect.stringContaining('--allowed-host bender.internal') });
  });

  it('is one', async () => {
    const answer = await raw('GET /registrations HTTP/1.1', 'Host: localhost', 'host: localhost', 'Connection: close');
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer).toMatch(/{"code":"INVALID","message":".+"}$/);
  });

  it('may be missing where HTTP has none', async () => {
    expect(await raw('GET /registrations HTTP/1.0')).toMatch(/^HTTP\/1.1 200 /);
  });
});

it.each([
  ['GET', '/registrations', 200],
  ['GET', '/livez', 200],
  ['POST', '/registrations/own/1/h/81', 200],
  ['GET', '/nothing', 404],
  ['PATCH', '/registrations', 405],
])('tells browsers to be careful with its answers: %s %s %d', async (method, path, status) => {
  expect(await server.ask(method, path)).toMatchObject({
    status,
    headers: {
      'x-content-type-options': 'nosniff',
      'content-security-policy': "frame-ancestors 'none'",
      'cross-origin-resource-policy': 'same-origin',
    },
  });
});

it('says nothing of the kind where an answer has no content', async () => {
  await server.ask('POST', '/registrations/own/1/h/82');
  const { status, headers } = await server.ask('POST', '/registrations/own/1/h/82');
  expect(status).toBe(204);
  expect(headers).toMatchObject({ 'x-bender': '1' });
  expect(headers).not.toHaveProperty('x-content-type-options');
});
