/**
 * What was tried on the peer port, as bytes to real daemons: nothing ends, nothing blocks, and what is registered
 * stays.
 */

import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from '../../src/client/client.js';
import { hashOf } from '../../src/crdt/change-reader.js';
import { holdingsName } from '../../src/crdt/holdings.js';
import { protocolVersion, type Sign } from '../../src/daemon/core/replication/frame.js';
import { aliveText, callText, changeText, runIdOf } from '../../src/daemon/core/identity.js';
import { ed25519 } from '../../src/daemon/ed25519.js';
import { encodeMessage } from '../../src/daemon/peer/message.js';
import { streamProtocol } from '../../src/daemon/peer/message-stream.js';
import { type RunningDaemon, startDaemon, stopDaemons } from '../helpers/daemon.js';
import { eventually } from '../helpers/eventually.js';
import { forgedChange } from '../helpers/forged-change.js';
import { asName, asRunId, entryOf, holdingsOf, ownerOf } from '../helpers/samples.js';

const identity = ed25519.newIdentity();
const runId = runIdOf(identity.key);
const web = { app: 'web', version: '1.0.0', host: '10.0.0.1', port: 80 };

let daemons: RunningDaemon[];
let clients: Client[];

beforeAll(async () => {
  const first = await startDaemon({ args: ['--name', 'd'] });
  const second = await startDaemon({ peers: [first.url], args: ['--name', 'e'] });
  daemons = [first, second];
  clients = daemons.map(({ url }) => new Client({ servers: [url] }));
  await clients[0]!.register({ ...web, ttl: 3_600_000 });
  await eventually(async () => (await clients[1]!.registrations()).some(({ app }) => app === 'web'));
});

afterAll(stopDaemons);

/** Sends frames over a stream of their own, and waits until all are answered or the stream is closed. */
async function send(to: RunningDaemon, ...said: object[]): Promise<void> {
  const { hostname, port } = new URL(to.url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  socket.write(`GET /peer HTTP/1.1\r\nHost: ${hostname}\r\nConnection: upgrade\r\nUpgrade: ${streamProtocol}\r\n\r\n`);
  const [opening] = (await once(socket, 'data')) as [Buffer];
  expect(opening.toString()).toContain('101 Switching');
  const closed = once(socket, 'close');
  const { runId: receiver } = (await (await fetch(`${to.url}/status`)).json()) as { runId: string };
  const proof = identity.sign(callText(asRunId(receiver), to.url));
  const from = {
    name: 'x',
    runId,
    generation: 1,
    url: 'http://127.9.9.8:9',
    synced: true,
    warm: true,
    key: identity.key,
    proof,
  };
  for (const [index, frame] of said.entries()) {
    socket.write(encodeMessage([index, { v: protocolVersion, cluster: 'default', from, ...frame }]));
    await Promise.race([once(socket, 'data'), closed]);
  }
  socket.destroy();
}

const holdings = (name: string, owner: Parameters<typeof ownerOf>[1], entries = {}) => {
  const { document } = holdingsOf(ownerOf('x', owner), entries);
  const changes = document.changesSince([]);
  const signature = identity.sign(changeText(asName(name), hashOf(changes.at(-1)!)));
  return { sync: { changes: [[name, changes, [identity.key, signature]]] } };
};

const sign = (counter: number): Sign => [runId, counter, 0, -1, identity.key, identity.sign(aliveText(runId, counter))];

/** The state of each daemon of this test, as the one at `url` sees it. */
async function statesAt(url: string): Promise<string> {
  const known = (await (await fetch(`${url}/daemons`)).json()) as {
    name: string;
    state: string;
    url: string;
  }[];
  const own = known.filter((one) => daemons.some((daemon) => daemon.url === one.url));
  return own.map(({ name, state }) => `${name} ${state}`).join(', ');
}

async function expectUnharmed(): Promise<void> {
  for (const { url } of daemons) {
    // Whose name a stranger has taken counts as replaced until its next heartbeats; what it holds stays.
    await eventually(async () => (await statesAt(url)) === 'd online, e online');
    const status = await fetch(`${url}/status`);
    expect(status.status).toBe(200);
    const registered = (await (await fetch(`${url}/registrations/web`)).json()) as { host: string }[];
    expect(registered.map(({ host }) => host)).toEqual(['10.0.0.1']);
  }
}

describe('daemons whose peer port a stranger reaches', () => {
  it.each([
    ['a key written 15,000 times', { count: 15_000 }],
    ['a key written a million times', { count: 1_000_000 }],
    ['a gap in the numbers of a writer', { seq: 30 }],
    ['40 MB, deflated', { deflated: true, extra: Buffer.alloc(40e6) }],
    ['190 MB, deflated', { deflated: true, extra: Buffer.alloc(190e6) }],
  ])('merge no change that harms them: %s', async (_, forged) => {
    for (const daemon of daemons) await send(daemon, { sync: { changes: [['catalog', [forgedChange(forged)]]] } });
    await clients[0]!.createBackend({
      name: `b${Math.random()}`.replace('.', ''),
      app: 'web',
      version: '1.0.0',
    });
    await expectUnharmed();
  });

  it('are not silenced, renamed or written for', async () => {
    const [d, e] = daemons as [RunningDaemon, RunningDaemon];
    const known = (await (await fetch(`${e.url}/daemons`)).json()) as { name: string; runId: string }[];
    const victim = known.find(({ name }) => name === 'd')!.runId;
    const title = holdingsName(runId, 1);
    const stolen = { 'web/1.0.0/66.66.66.66/80': entryOf({ rev: 9, ttl: 86_400_000 }) };
    const silences = Array.from({ length: 200 }, (_, counter): Sign => [asRunId(victim), counter, 1e9, 1e9]);
    await send(d, { signs: silences });
    await send(e, { signs: [...silences, [victim, 1e12, 0, -1]] });
    await send(e, {
      signs: Array.from({ length: 2100 }, (_, n): Sign => [asRunId(`evilrun-${n}`), 1, 0, -1]),
    });
    for (const generation of [2, 2 ** 40, 2 ** 53 - 1])
      for (const to of daemons)
        await send(
          to,
          holdings(title, { name: 'd', runId, url: 'http://127.9.9.8:9', generation }),
          ...[1e9, 1e9 + 5, 1e9 + 9].map((counter) => ({ signs: [sign(counter)] })),
        );
    for (const epoch of [1, 2, 999_999_999])
      await send(
        e,
        holdings(holdingsName(asRunId(victim), epoch), { name: 'd', runId: asRunId(victim), url: d.url }, stolen),
      );
    await expectUnharmed();
    const third = await startDaemon({ peers: [e.url], args: ['--name', 'f'] });
    const seen = (await (await fetch(`${third.url}/registrations/web`)).json()) as unknown[];
    expect(seen).toHaveLength(1);
  });
});
