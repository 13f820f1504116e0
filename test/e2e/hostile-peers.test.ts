/**
 * What an unknown caller sends to the peer port of real daemons, byte by byte: what each message gets as an answer, and
 * what must not come of it.
 */

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from '../../src/client/client.js';
import { catalogName } from '../../src/crdt/catalog.js';
import { holdingsName } from '../../src/crdt/holdings.js';
import type { Frame, Sign } from '../../src/daemon/core/replication/frame.js';
import { encodeMessage, headerBytes, maxMessageBytes, type Message } from '../../src/daemon/peer/message.js';
import type { DaemonInfo, Status } from '../../src/model/daemon.js';
import { type RunningDaemon, startDaemon, stopDaemons } from '../helpers/daemon.js';
import { eventually } from '../helpers/eventually.js';
import { type Forged, forgedChange } from '../helpers/forged-change.js';
import { dateOfReferences, hugeNumber, packedTexts } from '../helpers/hostile-cbor.js';
import { asRunId } from '../helpers/samples.js';
import { UnknownCaller } from '../helpers/unknown-caller.js';

const web = { app: 'web', version: '1.0.0', host: '10.0.0.1', port: 80 };
const otherHost = 'web/1.0.0/66.66.66.66/80';

let d: RunningDaemon;
let e: RunningDaemon;
/** What each said of itself before the attacks. */
let before: Status[];

beforeAll(async () => {
  d = await startDaemon({ args: ['--name', 'd'] });
  e = await startDaemon({ peers: [d.url], args: ['--name', 'e'] });
  await new Client({ servers: [d.url] }).register({ ...web, ttl: 3_600_000, meta: { genuine: true } });
  await eventually(async () => (await listOf('registrations/web', e)).length === 1);
  before = await Promise.all([statusOf(d), statusOf(e)]);
});

afterAll(stopDaemons);

const read = async (path: string, { url }: RunningDaemon): Promise<unknown> => {
  const response = await fetch(`${url}/${path}`);
  expect({ path, status: response.status }).toEqual({ path, status: 200 });
  return response.json();
};
const listOf = async (path: string, at: RunningDaemon): Promise<unknown[]> => (await read(path, at)) as unknown[];
const statusOf = async (at: RunningDaemon): Promise<Status> => (await read('status', at)) as Status;

/** What both say of each other and of what is registered, if nobody has harmed them. */
const healthy = (self: Status): object => ({
  daemons: before.map(({ name, runId }) =>
    expect.objectContaining({ name, runId, state: 'online', self: name === self.name }),
  ),
  hosts: ['10.0.0.1'],
  held: self.counts.held,
});

async function pictureAt(at: RunningDaemon): Promise<unknown> {
  // Unknown callers that have joined stand beside them.
  const daemons = ((await listOf('daemons', at)) as DaemonInfo[]).filter(({ url }) => [d.url, e.url].includes(url));
  const hosts = ((await listOf('registrations/web', at)) as { host: string }[]).map(({ host }) => host);
  const { held } = (await statusOf(at)).counts;
  return { daemons, hosts, held };
}

let backends = 0;

/** Both are the same incarnations, hold what they held, reach each other, and take a deployment made at the other. */
async function expectUnharmed(): Promise<void> {
  const name = `backend-${++backends}`;
  await new Client({ servers: [d.url] }).createBackend({ name, app: 'web', version: '1.0.0' });
  await eventually(async () => ((await listOf('backends', e)) as { name: string }[]).some((one) => one.name === name));
  for (const [index, at] of [d, e].entries()) {
    // A daemon whose name was taken counts as replaced until its next heartbeats. What it holds stays.
    await eventually(async () => expect(await pictureAt(at)).toEqual(healthy(before[index]!)) ?? true);
    await read('history', at);
    expect(at.process.exitCode).toBeNull();
  }
}

const refusedWith = (message: string): object => ({ code: 'INVALID', message: expect.stringContaining(message) });
const answered = { frame: expect.objectContaining({ v: 4, cluster: 'default' }) };

/** The heads that a daemon has of the catalog, as it tells every caller. */
async function catalogHeads(at: RunningDaemon): Promise<readonly string[]> {
  const outcome = await new UnknownCaller().send(at, { sync: { have: [[catalogName, []]] } });
  const { have = [] } = (outcome as { frame: Frame }).frame.sync!;
  return have.find(([name]) => name === catalogName)?.[1] ?? [];
}

describe('a change of the catalog by an unknown caller', () => {
  const notOurs = refusedWith('a change that bender does not write');

  it.each<[string, Forged, object]>([
    ['that writes one key 15,000 times is refused', { count: 15_000 }, notOurs],
    ['that writes one key a million times is refused', { count: 1_000_000 }, notOurs],
    ['of 40 MB, deflated, is refused', { deflated: true, extra: Buffer.alloc(40e6) }, notOurs],
    ['of 190 MB, deflated, is refused', { deflated: true, extra: Buffer.alloc(190e6) }, notOurs],
    ['that leaves a gap in the numbers of its writer is left out', { seq: 30 }, answered],
  ])('%s', async (_, forged, outcome) => {
    const change = forgedChange(forged);
    for (const to of [d, e]) {
      const heads = await catalogHeads(to);
      expect(await new UnknownCaller().send(to, { sync: { changes: [[catalogName, [change]]] } })).toEqual(outcome);
      expect(await catalogHeads(to)).toEqual(heads);
    }
    await expectUnharmed();
  });
});

describe('a message that is not what daemons send', () => {
  const framed = (body: Buffer): Buffer => {
    const length = Buffer.alloc(headerBytes);
    length.writeUInt32BE(body.length);
    return Buffer.concat([length, body]);
  };
  const tooLong = Buffer.alloc(headerBytes);
  tooLong.writeUInt32BE(maxMessageBytes + 1);

  it.each([
    ['texts that unpack without end', framed(packedTexts)],
    ['a date made of shared references', framed(dateOfReferences)],
    ['a number of 200,000 bytes', framed(hugeNumber)],
    ['an array that is left open', framed(Buffer.from([0x9f, 1, 0xff]))],
    ['more bytes than a message may have', tooLong],
    ['a message without a number', encodeMessage(['one', {}] as unknown as Message)],
  ])('ends its stream without an answer: %s', async (_, bytes) => {
    for (const to of [d, e]) expect(await new UnknownCaller().sendBytes(to, bytes)).toBe('closed');
    await expectUnharmed();
  });

  it('is refused if its frame is of another protocol or cluster, or malformed', async () => {
    const caller = new UnknownCaller();
    expect(await caller.send(d, { v: 3 })).toMatchObject({ code: 'CLUSTER_MISMATCH' });
    expect(await caller.send(d, { cluster: 'other' })).toMatchObject({ code: 'CLUSTER_MISMATCH' });
    const names = Array.from({ length: 5001 }, (_, n) => [`holdings/run-${n}/1`, []]);
    expect(await caller.send(d, { sync: { have: names } })).toEqual(refusedWith('malformed frame: sync.have'));
    expect(await caller.send(d, { sync: { have: names.slice(1) } })).toEqual(answered);
    const path = { url: 'http://127.9.9.8:9/admin?x=1' };
    expect(await caller.send(d, {}, path)).toEqual(refusedWith('malformed frame: from.url'));
    await expectUnharmed();
  });
});

describe('what an unknown caller says of other daemons', () => {
  it('makes no daemon take itself for silent', async () => {
    const caller = new UnknownCaller();
    for (const to of [d, e]) {
      const { runId } = await statusOf(to);
      const own = await caller.send(to, { signs: [] });
      const [, counter] = (own as { frame: Frame }).frame.signs!.find(([of]) => of === runId)!;
      for (const gone of [-1, 1e9])
        expect(await caller.send(to, { signs: [[runId, counter, 1e9, gone]] })).toEqual(answered);
    }
    await expectUnharmed();
  });

  it('makes no daemon take another for silent, nor for further than it is', async () => {
    const caller = new UnknownCaller();
    const { runId } = before[0]!;
    const signs: Sign[] = [[asRunId(runId), 1e12, 0, -1], caller.signFor(asRunId(runId), 1e12)];
    for (let counter = 0; counter < 200; counter++) signs.push([asRunId(runId), counter, 1e9, 1e9]);
    const outcome = await caller.send(e, { signs });
    const told = (outcome as { frame: Frame }).frame.signs!.find(([of]) => of === runId)!;
    expect(told[1]).toBeLessThan(1e6);
    await expectUnharmed();
  });

  it('fills no memory of incarnations: a daemon can join', async () => {
    const signs = Array.from({ length: 2100 }, (_, n): Sign => [asRunId(`evilrun-${n}`), 1, 0, -1]);
    const outcome = await new UnknownCaller().send(e, { signs });
    expect((outcome as { frame: Frame }).frame.signs!.length).toBeLessThan(100);
    const third = await startDaemon({ peers: [e.url], args: ['--name', 'f'] });
    expect(await listOf('registrations/web', third)).toHaveLength(1);
    await third.stop();
    await expectUnharmed();
  });

  it.each([2, 2 ** 40, 2 ** 53 - 1])(
    'ends or replaces none whose name it takes with generation %d and counters that go on',
    async (generation) => {
      const caller = new UnknownCaller();
      for (const to of [d, e])
        expect(await caller.send(to, caller.holdings({ owner: { name: 'd', generation } }))).toEqual(answered);
      // The one whose name it was took longer than a peer timeout to end.
      const { uptime, settings } = await statusOf(d);
      for (let counter = 1e9; (await statusOf(d)).uptime < uptime + 1.5 * settings.peerTimeout; counter++)
        for (const to of [d, e]) expect(await caller.send(to, { signs: [caller.sign(counter)] })).toEqual(answered);
      await expectUnharmed();
      // A daemon that is alive may go beyond a generation that a caller claims, within bounds.
      expect((await statusOf(d)).generation).toBeLessThanOrEqual(2 ** 40);
    },
  );
});

describe('what an unknown caller writes for another daemon', () => {
  it.each([1, 2, 999_999_999])('is refused as holdings of epoch %d', async (epoch) => {
    const caller = new UnknownCaller();
    const runId = asRunId(before[0]!.runId);
    const owner = { name: 'd', runId, url: d.url };
    const entries = { [otherHost]: { rev: 9, ttl: 86_400_000 } };
    const frame = caller.holdings({ name: holdingsName(runId, epoch), owner, entries });
    expect(await caller.send(e, frame)).toEqual(refusedWith('that its owner did not sign'));
    await expectUnharmed();
  });

  it('is refused as a note of changes to come', async () => {
    const note = [holdingsName(asRunId(before[0]!.runId), 1), [], [1, JSON.stringify([['entry', otherHost]])]];
    expect(await new UnknownCaller().send(e, { sync: { changes: [note] } })).toEqual(refusedWith('malformed frame'));
    await expectUnharmed();
  });

  it('is refused as a renewal or an update, also in the name of another daemon', async () => {
    const renewals = [['web/1.0.0/10.0.0.1/80', 'some-life', 1, { meta: { genuine: false } }]];
    for (const from of [{}, { url: e.url, runId: before[1]!.runId }])
      expect(await new UnknownCaller().send(d, { renewals }, from)).toMatchObject({ frame: { refused: [0] } });
    expect(await listOf('registrations/web', e)).toMatchObject([{ meta: { genuine: true } }]);
    await expectUnharmed();
  });
});
