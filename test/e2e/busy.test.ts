/** A daemon whose event loop is blocked goes on; one that is stopped begins anew. */

import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { join } from 'node:path';
import type { DaemonInfo, Status } from '../../src/model/daemon.js';
import { type RunningDaemon, startDaemon, stopDaemons } from '../helpers/daemon.js';
import { readEvents } from '../helpers/event-reader.js';
import { eventually } from '../helpers/eventually.js';

const blocker = join(import.meta.dirname, '../fixtures/faults/block-on-signal.cjs');
const instances = 4000;
const address = (n: number) => `10.0.${n >> 8}.${n & 255}`;
const ids = Array.from({ length: instances }, (_, n) => `web/1.0.0/${address(n)}/80`);

const watching = new AbortController();
const renewing = new AbortController();

afterEach(async () => {
  renewing.abort();
  watching.abort();
  await stopDaemons();
});

const json = async <T>(url: string, init?: RequestInit): Promise<T> => {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
};
const post = <T>(url: string, body: unknown): Promise<T> =>
  json<T>(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const status = (daemon: RunningDaemon): Promise<Status> => json(`${daemon.url}/status`);
const seenBy = async (observer: RunningDaemon, one: RunningDaemon): Promise<DaemonInfo | undefined> =>
  (await json<DaemonInfo[]>(`${observer.url}/daemons`)).find(({ url }) => url === one.url);

async function pair(blockMs: number): Promise<[RunningDaemon, RunningDaemon]> {
  const a = await startDaemon({ env: { NODE_OPTIONS: `--require=${blocker}`, BLOCK_MS: String(blockMs) } });
  const b = await startDaemon({ peers: [a.url] });
  await eventually(async () => (await seenBy(a, b))?.state === 'online');
  return [a, b];
}

async function registerAll(daemon: RunningDaemon): Promise<void> {
  const waiting = [...ids.keys()];
  const worker = async (): Promise<void> => {
    for (let n = waiting.pop(); n !== undefined; n = waiting.pop())
      await post(`${daemon.url}/registrations`, {
        app: 'web',
        version: '1.0.0',
        host: address(n),
        port: 80,
        ttl: 4000,
      });
  };
  await Promise.all(Array.from({ length: 32 }, worker));
}

/** What a daemon says of web instances from now on, and how many are online. */
function follow(daemon: RunningDaemon): { told: string[]; ready: Promise<void> } {
  const told: string[] = [];
  const ready = (async () => {
    const response = await fetch(`${daemon.url}/events?app=web`, { signal: watching.signal });
    const events = readEvents(response.body!);
    await events.next();
    void (async () => {
      for await (const { event, data } of events)
        if (event === 'offline' || event === 'online') told.push(`${event} ${JSON.stringify(data)}`);
    })().catch(() => undefined);
  })();
  return { told, ready };
}

/** Renews all at one daemon, as a client does that holds them: every third of the TTL, in two batches. */
function renewAll(daemon: RunningDaemon): { answered: number; unknown: string[] } {
  const story = { answered: 0, unknown: [] as string[] };
  void (async () => {
    for (let half = 0; !renewing.signal.aborted; half = 1 - half) {
      const begun = performance.now();
      const batch = ids.slice((half * instances) / 2, ((half + 1) * instances) / 2);
      const { unknown } = await post<{ unknown: string[] }>(`${daemon.url}/renewals`, { ids: batch });
      story.answered++;
      story.unknown.push(...unknown);
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, 660 - (performance.now() - begun))));
    }
  })().catch(() => undefined);
  return story;
}

jest.setTimeout(120_000);

describe('a daemon whose event loop is blocked for longer than the peer timeout', () => {
  it('keeps all leases, its incarnation and its connections; nothing goes offline at its peer', async () => {
    const [a, b] = await pair(4500);
    // From the beginning: to register all of them takes longer than a TTL on a slow machine.
    const renewals = renewAll(a);
    await registerAll(a);
    await eventually(async () => (await status(b)).counts.registrations >= instances);
    const registered = renewals.answered;
    await eventually(() => renewals.answered > registered + 1);
    renewals.unknown.length = 0;
    const { told, ready } = follow(b);
    await ready;
    const { runId } = await status(a);
    const before = renewals.answered;
    a.process.kill('SIGUSR2');
    await eventually(async () => (await seenBy(b, a))?.state === 'lost');
    await eventually(async () => (await seenBy(b, a))?.state === 'online');
    // Long enough for every lease to be renewed, or to end.
    await eventually(() => renewals.answered >= before + 10, { withinMs: 20_000 });
    expect(renewals.unknown).toEqual([]);
    expect(told).toEqual([]);
    expect(await status(a)).toMatchObject({ generation: 1, runId, counts: { held: instances } });
    expect(a.log.filter((line) => line.includes('busy for longer'))).toHaveLength(1);
  });
});

describe('a daemon that is stopped for longer than the peer timeout', () => {
  it('goes on as a new incarnation that holds nothing', async () => {
    const [a, b] = await pair(0);
    await post(`${a.url}/registrations`, { app: 'web', version: '1.0.0', host: 'h', port: 1, ttl: 60_000 });
    a.process.kill('SIGSTOP');
    await eventually(async () => ((await seenBy(b, a))?.lastHeard ?? 0) > 5000);
    a.process.kill('SIGCONT');
    await eventually(async () => (await status(a)).generation === 2);
    expect(await status(a)).toMatchObject({ counts: { held: 0, registrations: 3 } });
  });
});
