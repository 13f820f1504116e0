/** What tokens do at the API beside the table: authors, streams, anonymous callers, peers. */

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { StreamTransport } from '../../../../../src/daemon/peer/stream-transport.js';
import { type Frame, protocolVersion } from '../../../../../src/daemon/core/replication/frame.js';
import { ApiServer } from '../../../../helpers/api-server.js';
import { eventually } from '../../../../helpers/eventually.js';
import { bearer, TestSource, testToken } from '../../../../helpers/tokens.js';

const reader = testToken({ role: 'read', name: 'reader' });
const ci = testToken({ role: 'deploy', name: 'ci', apps: ['web-*'] });
const admin = testToken({ role: 'admin', name: 'root' });
const peer = testToken({ role: 'peer', name: 'daemons' });
const all = [reader, ci, admin, peer];

let source: TestSource;
let server: ApiServer;
const servers: ApiServer[] = [];
beforeEach(async () => {
  source = new TestSource(all);
  server = await start('none');
});
afterEach(() => Promise.all(servers.splice(0).map((one) => one.stop())));

async function start(anonymous: 'none' | 'read'): Promise<ApiServer> {
  const started = await ApiServer.start({ tokens: source, anonymous });
  servers.push(started);
  return started;
}

const as = ({ token }: typeof ci, body?: unknown, headers: Record<string, string> = {}) => ({
  headers: { ...bearer(token), ...headers },
  body,
});

describe('the author of an edit', () => {
  it('is the name of the token, marked as proven, beside the name that the caller gives', async () => {
    const backend = { name: 'b', app: 'web-shop', version: '1' };
    await server.ask('POST', '/backends', as(ci, backend, { 'x-bender-author': 'alice%40laptop' }));
    await server.ask('PUT', '/backends/b?force=true', as(ci, { version: '2' }));
    const { body } = await server.ask('GET', '/history', as(reader));
    expect(body).toMatchObject([
      { author: 'ci', proven: true, daemon: 'one' },
      { author: 'ci', proven: true, claimedAuthor: 'alice@laptop' },
    ]);
    expect((body as object[])[0]).not.toHaveProperty('claimedAuthor');
  });
});

describe('a token for some apps', () => {
  const create = (name: string, app: string) => server.ask('POST', '/backends', as(admin, { name, app, version: '1' }));
  const refused = { status: 403, body: { code: 'APP_NOT_ALLOWED' } };

  it('changes no backend to or from another app, nor back to one', async () => {
    await create('mine', 'web-a');
    await create('other', 'shop');
    expect(await server.ask('PUT', '/backends/mine?force=true', as(ci, { app: 'shop' }))).toMatchObject(refused);
    expect(await server.ask('PUT', '/backends/other?force=true', as(ci, { app: 'web-a' }))).toMatchObject(refused);
    await server.ask('PUT', '/backends/other?force=true', as(admin, { app: 'web-a' }));
    expect(await server.ask('POST', '/backends/other/rollback?force=true', as(ci))).toMatchObject(refused);
    expect(await server.ask('PUT', '/backends/other?force=true', as(ci, { app: 'web-b' }))).toMatchObject({
      status: 200,
    });
    expect(await server.ask('DELETE', '/backends/other', as(ci))).toMatchObject({ status: 204 });
  });

  it('has frontends serve its own apps only, and none that belongs to no app', async () => {
    await create('mine', 'web-a');
    await create('other', 'shop');
    const frontend = (name: string, backend?: string) => server.ask('POST', '/frontends', as(ci, { name, backend }));
    expect(await frontend('f', 'mine')).toMatchObject({ status: 201 });
    expect(await frontend('g', 'other')).toMatchObject(refused);
    expect(await frontend('h', 'nothing')).toMatchObject(refused);
    expect(await frontend('i')).toMatchObject(refused);
    expect(await server.ask('PUT', '/frontends/f?force=true', as(ci, { backend: 'other' }))).toMatchObject(refused);
    await server.ask('PUT', '/frontends/f?force=true', as(admin, { backend: 'other' }));
    expect(await server.ask('DELETE', '/frontends/f', as(ci))).toMatchObject(refused);
  });

  it('is refused as a whole where one of many ids is of another app', async () => {
    const write = testToken({ role: 'write', apps: ['web-*'] });
    source.replace([...all, write]);
    const renew = (ids: unknown[]) => server.ask('POST', '/renewals', as(write, { ids }));
    expect(await renew(['web-a/1/h/1', { id: 'web-b/1/h/1' }])).toMatchObject({ status: 200 });
    expect(await renew(['web-a/1/h/1', { id: 'shop/1/h/1' }])).toMatchObject(refused);
    expect(await renew(['web-a/1/h/1', 'shop'])).toMatchObject(refused);
    expect(await server.ask('POST', '/registrations', as(write, { app: ['web-a'], version: '1' }))).toMatchObject({
      status: 400,
    });
  });
});

describe('GET /whoami', () => {
  it('says whose token it is, and what it may do', async () => {
    expect(await server.ask('GET', '/whoami', as(reader))).toMatchObject({
      status: 200,
      body: { role: 'read', name: reader.record.name, id: reader.record.id, tokens: true },
    });
    expect((await server.ask('GET', '/whoami', as(ci))).body).toMatchObject({
      role: ci.record.role,
      apps: ci.record.apps,
    });
    expect((await server.ask('GET', '/whoami')).status).toBe(401);
  });

  it('says what callers without a token may do', async () => {
    expect((await (await start('read')).ask('GET', '/whoami')).body).toEqual({ role: 'read', tokens: true });
    const free = await ApiServer.start();
    servers.push(free);
    expect((await free.ask('GET', '/whoami')).body).toEqual({ role: 'admin', tokens: false });
  });
});

describe('callers without a token', () => {
  it('may read with --anonymous read, and nothing else', async () => {
    const open = await start('read');
    expect(await open.ask('GET', '/registrations')).toMatchObject({ status: 200 });
    expect(await open.ask('POST', '/registrations/web-a/1/h/1')).toMatchObject({
      status: 401,
      body: { role: 'write' },
    });
    expect(await open.ask('GET', '/registrations', { headers: { authorization: 'Bearer x' } })).toMatchObject({
      status: 401,
    });
  });

  it('are told how to show one, in a way that makes no browser ask', async () => {
    const { headers } = await server.ask('GET', '/status');
    expect(headers['www-authenticate']).toBe('Bearer realm="bender"');
  });

  it('are refused with two tokens as well', async () => {
    const socket = await dial();
    socket.write(
      `GET /status HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${admin.token}\r\nAuthorization: Bearer x\r\n\r\n`,
    );
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    expect(chunk.toString()).toMatch(/^HTTP\/1\.1 401 /);
    socket.destroy();
  });
});

async function dial(): Promise<Socket> {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

describe('what was opened with a token', () => {
  it('ends when the token is revoked, and not when another one is', async () => {
    const socket = await dial();
    socket.write(`GET /events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${reader.token}\r\n\r\n`);
    await once(socket, 'data');
    let closed = false;
    socket.once('close', () => (closed = true));
    source.replace([reader, admin, peer]);
    await server.ask('GET', '/status', as(admin));
    expect(closed).toBe(false);
    source.replace([admin, peer]);
    await eventually(() => closed);
    expect(await server.ask('GET', '/status', as(reader))).toMatchObject({
      status: 401,
      body: { code: 'TOKEN_UNKNOWN' },
    });
  });

  it('ends when the token expires', async () => {
    const short = testToken({ role: 'read', expires: Date.now() + 1500 });
    source.replace([short]);
    const socket = await dial();
    socket.write(`GET /events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${short.token}\r\n\r\n`);
    await once(socket, 'data');
    socket.resume();
    await once(socket, 'close');
    expect(Date.now()).toBeGreaterThanOrEqual(short.record.expires!);
  });
});

describe('a peer', () => {
  const frame = {
    v: protocolVersion,
    cluster: 'test',
    from: { name: 'two', runId: 'r', generation: 1, url: 'http://127.0.0.1:2', synced: true, warm: true },
  } as Frame;
  const exchangeWith = async (token: string | undefined) => {
    const transport = new StreamTransport({ token: () => token });
    try {
      return await transport.exchange(server.url, frame, 5000).then(
        () => 'taken',
        (error: { code: string }) => error.code,
      );
    } finally {
      transport.close();
    }
  };

  it('needs a token of its role', async () => {
    expect(await exchangeWith(undefined)).toBe('TOKEN_MISSING');
    expect(await exchangeWith(reader.token)).toBe('NEEDS_PEER');
    // It gets as far as the frame, which is of no daemon.
    expect(['taken', 'INVALID']).toContain(await exchangeWith(peer.token));
  });

  it('is hung up on when its token is revoked', async () => {
    const transport = new StreamTransport({ token: () => peer.token });
    await transport.exchange(server.url, frame, 5000).catch(() => undefined);
    const waiting = transport.exchange(server.url, frame, 60_000).catch(() => undefined);
    source.replace([admin]);
    await waiting;
    expect(await transport.exchange(server.url, frame, 5000).catch((error: { code: string }) => error.code)).toBe(
      'TOKEN_UNKNOWN',
    );
    transport.close();
  });
});
