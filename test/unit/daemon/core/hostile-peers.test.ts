/** C5 to C8 of what was tried on the peer port: frames of unknown callers that speak of, or for, others. */

import { createHash } from 'node:crypto';
import { hashOf } from '../../../../src/crdt/change-reader.js';
import type { Heads } from '../../../../src/crdt/document.js';
import { holdingsName } from '../../../../src/crdt/holdings.js';
import type { DocumentName } from '../../../../src/crdt/ids.js';
import type { Daemon } from '../../../../src/daemon/core/daemon.js';
import {
  type Frame,
  protocolVersion,
  type Sign,
  type ForwardedRenewal,
} from '../../../../src/daemon/core/replication/frame.js';
import { InvalidError } from '../../../../src/model/errors.js';
import { aliveText, callText, changeText, type Identity, runIdOf } from '../../../../src/daemon/core/identity.js';
import { asLife, asRunId, entryOf, holdingsOf, ownerOf } from '../../../helpers/samples.js';
import { dice, signatures, World } from '../../../helpers/world.js';
import { asId } from '../../../../src/model/registration.js';

const keys = signatures(dice(99));
const id = asId('web/1/10.0.0.1/80');

/** Two daemons of which a holds something. */
async function pair(): Promise<{ world: World; a: Daemon; b: Daemon }> {
  const world = new World(1);
  const a = await world.complete(world.start('a'));
  const b = await world.complete(world.start('b', { peers: [a.settings.url] }));
  await world.advance(5000);
  a.register({ app: 'web', version: '1', host: '10.0.0.1', port: 80 }, { ttl: 3_600_000 });
  await world.advance(1000);
  return { world, a, b };
}

/** A program that reaches the port. */
class UnknownCaller {
  readonly identity: Identity = keys.newIdentity();
  readonly runId = runIdOf(this.identity.key);

  constructor(
    readonly name = 'x',
    readonly url = 'http://127.9.9.8:9',
  ) {}

  send(to: Daemon, said: Partial<Frame>, from: Partial<Frame['from']> = {}): Frame | Promise<Frame> {
    const proof = this.identity.sign(callText(to.runId, to.settings.url));
    const { name, url, runId } = this;
    const sender = {
      name,
      url,
      runId,
      generation: 1,
      synced: true,
      warm: true,
      key: this.identity.key,
      proof,
    };
    return to.receive({ v: protocolVersion, cluster: 'test', from: { ...sender, ...from }, ...said });
  }

  sign(counter: number, age = 0): Sign {
    return [this.runId, counter, age, -1, this.identity.key, this.identity.sign(aliveText(this.runId, counter))];
  }

  /** Its holdings, as it may publish them, under any name. */
  holdings(owner: Parameters<typeof ownerOf>[1] = {}, entries = {}, name = holdingsName(this.runId, 1)) {
    const { document } = holdingsOf(ownerOf(this.name, { runId: this.runId, url: this.url, ...owner }), entries);
    const changes = document.changesSince([]);
    const signature = this.identity.sign(changeText(name, hashOf(changes.at(-1)!)));
    return { sync: { changes: [[name, changes, [this.identity.key, signature]]] } } as Partial<Frame>;
  }
}

/** That nothing has become of it: both alive as they were, and what was registered is where it was. */
function expectUnharmed({ world, a, b }: { world: World; a: Daemon; b: Daemon }): void {
  for (const daemon of [a, b]) {
    expect(world.host(daemon.settings.name).fatal).toBeUndefined();
    expect(daemon.phase).toBe('running');
    const known = daemon.daemons().filter(({ name }) => ['a', 'b'].includes(name));
    const states = known.filter(({ runId }) => runId === a.runId || runId === b.runId);
    expect(states.map(({ name, state }) => `${name} ${state}`)).toEqual(['a online', 'b online']);
    expect(daemon.registrations({ app: 'web' }).map((one) => one.id)).toEqual([id]);
  }
  expect(a.status().counts.held).toBe(1);
}

it.each<[string, unknown]>([
  ['an object that is no text', { toString: 1, valueOf: 1 }],
  ['an object without a prototype', Object.create(null)],
  ['a number', 7],
  ['very long', 'x'.repeat(1_000_000)],
])('a sender whose url is %s is refused as any other that is wrong', async (_, url) => {
  const { a } = await pair();
  const from = { name: 'x', runId: 'x', generation: 1, url, synced: true, warm: true };
  const frame: unknown = { v: protocolVersion, cluster: 'test', from };
  expect(() => a.receive(frame)).toThrow(InvalidError);
});

describe('a silence that an unknown caller tells a daemon of', () => {
  it('is not believed, however often it is told', async () => {
    const { world, a, b } = await pair();
    const { runId } = a;
    const caller = new UnknownCaller();
    for (let times = 0; times < 10; times++) {
      const { counter } = a.self!;
      await caller.send(a, { signs: [[runId, counter, 1e9, -1]] });
      await world.advance(300);
    }
    expect(a.runId).toBe(runId);
    expectUnharmed({ world, a, b });
  });

  it('is not believed of one member either, if there are others', async () => {
    const { world, a, b } = await pair();
    await world.complete(world.start('c', { peers: [a.settings.url] }));
    await world.advance(2000);
    const { runId } = a;
    const caller = new UnknownCaller();
    await caller.send(a, caller.holdings());
    await caller.send(a, { signs: [caller.sign(10)] });
    await caller.send(a, { signs: [caller.sign(11), [runId, a.self!.counter, 1e9, -1]] });
    await world.advance(1000);
    expect(a.runId).toBe(runId);
    expectUnharmed({ world, a, b });
  });

  it('is not believed of a member that has just taken the name of the only other one', async () => {
    const { world, a, b } = await pair();
    const { runId } = a;
    const caller = new UnknownCaller('b');
    await caller.send(a, caller.holdings({ name: 'b', generation: 5 }));
    await caller.send(a, { signs: [caller.sign(10)] });
    expect(a.membership.get(b.runId)!.replacedBy?.runId).toBe(caller.runId);
    await caller.send(a, { signs: [caller.sign(11), [runId, a.self!.counter, 1e9, -1]] });
    await world.advance(1000);
    expect(a.runId).toBe(runId);
    await world.advance(4000);
    expectUnharmed({ world, a, b });
  });
});

describe('signs of incarnations that nobody has', () => {
  it('are not taken from an unknown caller, and keep no daemon from joining', async () => {
    const { world, a, b } = await pair();
    const before = [...a.membership.all()].length;
    const made = Array.from({ length: 2100 }, () => new UnknownCaller().sign(1));
    for (const signs of [made, Array.from({ length: 2100 }, (_, n): Sign => [asRunId(`evilrun-${n}`), 1, 0, -1])])
      await new UnknownCaller().send(a, { signs });
    expect([...a.membership.all()].length - before).toBeLessThanOrEqual(2);
    const c = await world.complete(world.start('c', { peers: [a.settings.url] }));
    expect(c.registrations({ app: 'web' })).toHaveLength(1);
    expectUnharmed({ world, a, b });
  });

  it('do not count if their owner has not signed them', async () => {
    const { world, a, b } = await pair();
    const caller = new UnknownCaller();
    await caller.send(b, caller.holdings());
    for (const counter of [1e9, 1e12]) {
      const forged: Sign = [a.runId, counter, 0, -1];
      const { key } = caller.identity;
      const badly: Sign = [...caller.sign(counter)].with(0, a.runId) as Sign;
      await caller.send(b, {
        signs: [caller.sign(5), forged, badly, [a.runId, counter, 0, -1, key, key]],
      });
    }
    expect(b.membership.get(a.runId)!.counter).toBeLessThan(1000);
    await world.advance(5000);
    expectUnharmed({ world, a, b });
  });

  it('do not make a daemon silent that is heard, whatever age and farewell they tell', async () => {
    const { world, a, b } = await pair();
    const caller = new UnknownCaller();
    await caller.send(b, caller.holdings());
    let lost = 0;
    for (let times = 0; times < 60; times++) {
      const { counter, voucher } = b.membership.get(a.runId)!;
      await caller.send(b, {
        signs: [caller.sign(times + 1), [a.runId, counter, 1e9, 1e9, ...voucher!]],
      });
      await world.advance(50);
      if (b.membership.get(a.runId)!.lost) lost++;
    }
    expect(lost).toBe(0);
    expectUnharmed({ world, a, b });
  });
});

describe('an unknown caller that takes the name of a daemon', () => {
  it.each([2, 2 ** 40, 2 ** 40 + 1, 2 ** 53 - 1])(
    'with generation %d neither ends it nor has others take it for gone',
    async (generation) => {
      const { world, a, b } = await pair();
      const caller = new UnknownCaller('a');
      for (const to of [a, b]) await caller.send(to, caller.holdings({ name: 'a', generation }));
      for (let times = 0; times < 40; times++) {
        for (const to of [a, b]) await caller.send(to, { signs: [caller.sign(1e9 + times)] });
        await world.advance(200);
      }
      expectUnharmed({ world, a, b });
      expect(a.status().generation).toBeLessThanOrEqual(2 ** 40);
      const again = await world.complete(world.start('c', { peers: [b.settings.url] }));
      expect(again.registrations({ app: 'web' })).toHaveLength(1);
    },
  );
});

describe('an unknown caller that writes for a daemon', () => {
  const forgedEntry = { [id.replace('10.0.0.1', '66.66.66.66')]: entryOf({ rev: 9, ttl: 86_400_000 }) };

  it.each([1, 2, 999_999_999])('is refused, with epoch %d', async (epoch) => {
    const { world, a, b } = await pair();
    const caller = new UnknownCaller();
    const name = holdingsName(a.runId, epoch);
    const frame = caller.holdings({ name: 'a', runId: a.runId, url: a.settings.url }, forgedEntry, name);
    expect(() => caller.send(b, frame)).toThrow('did not sign');
    const [[, changes]] = frame.sync!.changes as [[DocumentName, Uint8Array[]]];
    expect(() => caller.send(b, { sync: { changes: [[name, changes]] } })).toThrow('did not sign');
    await world.advance(2000);
    expectUnharmed({ world, a, b });
    a.register({ app: 'web', version: '1', host: '10.0.0.2', port: 80 }, { ttl: 3_600_000 });
    await world.advance(1000);
    expect(b.registrations({ app: 'web' })).toHaveLength(2);
  });

  it('with a true signature of something else is refused', async () => {
    const { world, a, b } = await pair();
    const name = holdingsName(a.runId, 1);
    const all = a.documents.get(name)!.changesSince([]);
    const { proof } = a.documents.prove(name, all, all.length);
    const caller = new UnknownCaller();
    const forged = caller.holdings({}, forgedEntry).sync!.changes![0]![1];
    for (const changes of [forged, [...all, ...forged], [...forged, all.at(-1)!]])
      expect(() => caller.send(b, { sync: { changes: [[name, changes, proof!]] } })).toThrow('did not sign');
    await world.advance(1000);
    expectUnharmed({ world, a, b });
  });

  it('may hand on what is signed', async () => {
    const { world, a, b } = await pair();
    const name = holdingsName(a.runId, 1);
    world.partition(['a'], ['b']);
    const { heads } = b.documents.get(name)!;
    a.register({ app: 'web', version: '1', host: '10.0.0.2', port: 80 }, { ttl: 3_600_000 });
    await world.advance(100);
    const missing = a.documents.get(name)!.changesSince(heads);
    const { proof } = a.documents.prove(name, missing, missing.length);
    const caller = new UnknownCaller();
    await world.complete(Promise.resolve(caller.send(b, { sync: { changes: [[name, missing, proof!]] } })));
    expect(b.registrations({ app: 'web' })).toHaveLength(2);
  });
});

describe('a member that signs its own holdings wrongly', () => {
  it('keeps nobody from hearing others: what it wrote is not handed on', async () => {
    const { world, a, b } = await pair();
    const caller = new UnknownCaller();
    const [[name, changes, [key]]] = caller.holdings().sync!.changes as [
      [DocumentName, Uint8Array[], [Uint8Array, Uint8Array]],
    ];
    await caller.send(b, { sync: { changes: [[name, changes, [key, new Uint8Array(32)]]] } });
    expect(b.documents.get(name)!.heads).toHaveLength(1);
    expect(b.documents.prove(name, changes, changes.length)).toEqual({ count: 0 });
    await world.advance(3000);
    expectUnharmed({ world, a, b });
    expect(world.host('a').logged.filter((line) => line.includes('refused'))).toEqual([]);
  });
});

describe('an unknown caller at the URL of a daemon', () => {
  it('does not say for it what it has', async () => {
    const { world, a, b } = await pair();
    const caller = new UnknownCaller('a', a.settings.url);
    const name = holdingsName(b.runId, 1);
    b.register({ app: 'web', version: '1', host: '10.0.0.3', port: 80 }, { ttl: 3_600_000 });
    world.partition(['a'], ['b']);
    b.register({ app: 'web', version: '1', host: '10.0.0.4', port: 80 }, { ttl: 3_600_000 });
    await world.advance(50);
    const { heads } = b.documents.get(name)!;
    await caller.send(b, { sync: { have: [[name, heads]] } });
    await caller.send(b, { sync: { have: [[name, heads]] } }, { runId: a.runId });
    expect(b.daemons().find(({ name: who }) => who === 'a')?.behind).toBeGreaterThan(0);
  });

  it('renews nothing there', async () => {
    const { world, a, b } = await pair();
    const { life, rev } = a.view.winner(id)!.entry;
    const renewals: ForwardedRenewal[] = [[id, life, rev, { meta: { forged: true } }]];
    for (const from of [{}, { runId: b.runId, url: b.settings.url }])
      expect(await new UnknownCaller().send(a, { renewals }, from)).toMatchObject({ refused: [0] });
    await world.advance(1000);
    expect(a.view.winner(id)!.entry.meta).toEqual({});
  });

  it('is not believed to be it because it has seen what another one was shown', async () => {
    const { world, a, b } = await pair();
    let shown: Frame['from'] | undefined;
    world.onMessage = (from, to, frame) => {
      if (from === 'a' && to === 'b' && frame.from.proof) shown = frame.from;
    };
    const c = await world.complete(world.start('c', { peers: [a.settings.url] }));
    await world.advance(3000);
    const caller = new UnknownCaller();
    const renewals: ForwardedRenewal[] = [[asId('web/1/10.0.0.9/80'), asLife('life'), 1]];
    c.register({ app: 'web', version: '1', host: '10.0.0.9', port: 80 }, { ttl: 3_600_000 });
    const { life } = c.view.winner(asId('web/1/10.0.0.9/80'))!.entry;
    renewals[0]![1] = life;
    expect(shown).toBeDefined();
    expect(await caller.send(c, { renewals }, shown)).toMatchObject({ refused: [0] });
    // To the one that it was meant for it is a's own word.
    expect(b.runId).not.toBe(c.runId);
  });
});

describe('what an unknown caller may say of documents', () => {
  it('is kept within bounds', async () => {
    const { a } = await pair();
    const names = Array.from({ length: 5001 }, (_, n) => holdingsName(asRunId(`run-${n}`.padEnd(16, '0')), 1));
    const have = names.map((name): [DocumentName, Heads] => [name, [createHash('sha256').update(name).digest('hex')]]);
    expect(() => new UnknownCaller().send(a, { sync: { have } })).toThrow('malformed');
    await new UnknownCaller().send(a, { sync: { have: have.slice(1) } });
  });
});
