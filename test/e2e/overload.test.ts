import { afterAll, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '../../src/client/client.js';
import type { WatchedEvent } from '../../src/client/events.js';
import { startDaemon, stopDaemons } from '../helpers/daemon.js';
import { eventually } from '../helpers/eventually.js';

afterAll(stopDaemons);

const ttl = 9000;
const held = 500;
const ids = Array.from({ length: held }, (_, index) => `kept/1/10.0.0.1/${index + 1}`);

/** Sends as much as a connection takes, answered or not, until it is told to stop. */
async function flood(port: number, requests: () => string): Promise<{ socket: Socket; read: () => number }> {
  const socket = connect(port, '127.0.0.1');
  let read = 0;
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => (read += chunk.toString('latin1').split('HTTP/1.1 ').length - 1));
  await once(socket, 'connect');
  const send = (): void => {
    while (!socket.destroyed && socket.write(requests()));
  };
  socket.on('drain', send);
  send();
  return { socket, read: () => read };
}

it('keeps what is renewed while forty connections pipeline more than it can answer', async () => {
  const daemon = await startDaemon({ isDescribed: false });
  const peer = await startDaemon({ peers: [daemon.url], isDescribed: false });
  const client = new Client({ servers: [daemon.url], timeoutMs: ttl });
  for (const id of ids) {
    const [app, version, host, port] = id.split('/') as [string, string, string, string];
    await client.register({ app, version, host, port: Number(port), ttl: 60_000 });
  }
  await client.renewAll(ids);
  const others = new Client({ servers: [peer.url] });
  await eventually(async () => (await others.registrations({ app: 'kept' })).length === held);
  const stopped = new AbortController();
  const offline: WatchedEvent[] = [];
  const watching = (async () => {
    for await (const seen of others.events({ app: 'kept', types: ['offline'] }, { signal: stopped.signal }))
      if (seen.event.type === 'offline') offline.push(seen);
  })();
  // The long TTL was for registering; that of real services is shorter.
  for (const id of ids) {
    const [app, version, host, port] = id.split('/') as [string, string, string, string];
    await client.register({ app, version, host, port: Number(port), ttl });
  }

  let asked = 0;
  // Each look-up by metadata is another one, so that no answer is kept for it.
  const requests = (): string =>
    Array.from({ length: 50 }, (_, index) => [
      `PUT /registrations/${ids[index]}/lease HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n`,
      `GET /registrations?meta.a=${asked++} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
    ])
      .flat()
      .join('');
  const port = Number(new URL(daemon.url).port);
  const floods = await Promise.all(Array.from({ length: 40 }, () => flood(port, requests)));
  for (let round = 0; round < 4; round++) {
    const begun = performance.now();
    expect(await client.renewAll(ids)).toEqual({ renewed: held, unknown: [] });
    await sleep(Math.max(0, ttl / 3 - (performance.now() - begun)));
  }
  const answered = floods.reduce((sum, { read }) => sum + read(), 0);
  for (const { socket } of floods) socket.destroy();
  expect(answered).toBeGreaterThan(5000);
  expect(await client.status()).toMatchObject({ generation: 1, counts: { held: held } });
  stopped.abort();
  await watching;
  expect(offline).toEqual([]);
}, 60_000);
