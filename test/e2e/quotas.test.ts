/** Quotas of real daemons: what is beyond them is refused, and nothing that was acknowledged is lost. */

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '../../src/client/client.js';
import type { WatchedEvent } from '../../src/client/events.js';
import type { Status } from '../../src/model/daemon.js';
import type { ErrorBody } from '../../src/model/errors.js';
import { formatTokenLine } from '../../src/model/tokens-file.js';
import { type RunningDaemon, startDaemon, stopDaemons } from '../helpers/daemon.js';
import { eventually } from '../helpers/eventually.js';
import { bearer, testToken } from '../helpers/tokens.js';

let folder: string;
/** Ends what a failed test would leave open. */
const stopped = new AbortController();
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bender-quotas-'));
});
afterAll(async () => {
  stopped.abort();
  await stopDaemons();
  await rm(folder, { recursive: true });
});

const ask = (
  { url }: RunningDaemon,
  method: string,
  path: string,
  { token, body }: { token?: string; body?: object } = {},
): Promise<Response> =>
  fetch(url + path, {
    method,
    headers: { ...(token && bearer(token)), ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });

const refusedOf = async (daemon: RunningDaemon, token?: string): Promise<Status['load']> =>
  ((await (await ask(daemon, 'GET', '/status', { ...(token && { token }) })).json()) as Status).load;

describe('a daemon', () => {
  it('has the quotas of its settings', async () => {
    const limits = ['--max-registrations', '2', '--max-meta-bytes', '50', '--max-catalog-writes', '1'];
    const daemon = await startDaemon({ args: limits });
    const register = async (port: number, meta: object): Promise<unknown> => {
      const response = await ask(daemon, 'POST', `/registrations/web/1/10.0.0.1/${port}`, { body: { meta } });
      return response.ok || [response.status, ((await response.json()) as ErrorBody).code];
    };
    expect(await register(1, { text: 'x'.repeat(39) })).toBe(true);
    expect(await register(2, { a: 1 })).toEqual([429, 'QUOTA_EXCEEDED']);
    expect(await register(2, {})).toBe(true);
    expect(await register(3, {})).toEqual([429, 'QUOTA_EXCEEDED']);
    const writes: number[] = [];
    for (let count = 0; count <= 200 && !writes.includes(429); count++) {
      const body = { name: `b${count}`, app: 'web', version: '1' };
      writes.push((await ask(daemon, 'POST', '/backends', { body })).status);
    }
    expect(writes.at(-1)).toBe(429);
    expect(await refusedOf(daemon)).toMatchObject({ refused: { registrations: 1, metaBytes: 1, catalogWrites: 1 } });
  });

  it('takes so many requests a second, and probes beyond', async () => {
    const daemon = await startDaemon({ args: ['--max-requests', '1'] });
    const statuses: number[] = [];
    for (let count = 0; count <= 200 && !statuses.includes(429); count++)
      statuses.push((await ask(daemon, 'GET', '/backends')).status);
    expect(statuses.length).toBeGreaterThan(10);
    expect(statuses.at(-1)).toBe(429);
    expect((await ask(daemon, 'GET', '/livez')).status).toBe(200);
  });
});

describe('a token that asks for more than it may', () => {
  it('ends nothing of its own that it renews, and nothing of others', async () => {
    const [greedy, modest, reader] = [
      testToken({ role: 'write', name: 'greedy', maxRequests: 20, maxRegistrations: 3 }),
      testToken({ role: 'write', name: 'modest' }),
      testToken({ role: 'read', name: 'reader' }),
    ];
    const tokens = join(folder, 'tokens.jsonl');
    await writeFile(tokens, [greedy, modest, reader].map(({ record }) => formatTokenLine(record)).join(''));
    const daemon = await startDaemon({ args: ['--tokens', tokens, '--warm-for', '0'] });
    const watcher = new Client({ servers: [daemon.url], token: reader.token });
    const ids: string[][] = [];
    for (const [index, { token }] of [greedy, modest].entries())
      for (const port of [1, 2, 3]) {
        const body = { app: `app${index}`, version: '1', host: '10.0.0.1', port, ttl: 3000 };
        expect((await ask(daemon, 'POST', '/registrations', { token, body })).status).toBe(201);
        (ids[index] ??= []).push(`app${index}/1/10.0.0.1/${port}`);
      }
    const offline: WatchedEvent[] = [];
    let isWatching = false;
    const watching = (async () => {
      for await (const seen of watcher.events({ types: ['offline'] }, { signal: stopped.signal })) {
        isWatching = true;
        if (seen.event.type === 'offline') offline.push(seen);
      }
    })();
    await eventually(() => isWatching);

    // As fast as it is answered, look-ups and registrations beyond its quota; faster would overload the daemon.
    const { hostname, port } = new URL(daemon.url);
    const socket = connect(Number(port), hostname);
    const head = `HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${greedy.token}\r\n`;
    const body = 'Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}';
    let next = 10;
    const pair = (): string =>
      `GET /backends ${head}\r\nPOST /registrations/app0/1/10.0.0.1/${10 + (next++ % 50_000)} ${head}${body}`;
    const mark = 'HTTP/1.1 ';
    let [answered, tail] = [0, ''];
    stopped.signal.addEventListener('abort', () => socket.destroy());
    socket.setEncoding('latin1').on('error', () => undefined);
    socket.on('data', (text: string) => {
      answered += (tail + text).split(mark).length - 1;
      tail = (tail + text).slice(1 - mark.length);
      if (answered < 20) return;
      answered -= 20;
      socket.write(Array.from({ length: 10 }, pair).join(''));
    });
    await once(socket, 'connect');
    socket.write(Array.from({ length: 10 }, pair).join(''));

    const renew = async ({ token }: { token: string }, mine: string[]): Promise<number> =>
      (await ask(daemon, 'POST', '/renewals', { token, body: { ids: mine } })).status;
    const until = (await watcher.status()).uptime + 6500;
    while ((await watcher.status()).uptime < until) {
      expect([await renew(greedy, ids[0]!), await renew(modest, ids[1]!)]).toEqual([200, 200]);
      // 503 if the machine is too busy for the flood.
      expect((await ask(daemon, 'GET', '/backends', { token: modest.token })).status).not.toBe(429);
      // The pace of a service that renews.
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    socket.destroy();
    expect(offline).toEqual([]);
    const online = await watcher.registrations();
    expect(online.filter(({ app }) => app === 'app0').length).toBe(3);
    expect(online.filter(({ app }) => app === 'app1').length).toBe(3);
    const load = await refusedOf(daemon, reader.token);
    expect(load!.refused.requestsOfToken).toBeGreaterThan(100);
    // Many refusals take a few lines.
    const lines = daemon.log.filter((line) => line.includes('too short a time for its token'));
    expect(lines.length).toBeGreaterThanOrEqual(1);
    expect(lines.length).toBeLessThan(10);
    stopped.abort();
    await watching;
    await eventually(async () => (await renew(greedy, ids[0]!)) === 200);
  }, 60_000);
});
