import { logOf, logsOf } from '../../../../helpers/log.js';
import { jest } from '@jest/globals';
import { type Change, readChange, type Write } from '../../../../../src/crdt/change-reader.js';
import { Document } from '../../../../../src/crdt/document.js';
import type { CatalogEvent } from '../../../../../src/crdt/catalog.js';
import { type HoldingsChange, holdingsName } from '../../../../../src/crdt/holdings.js';
import { OwnHoldings } from '../../../../../src/crdt/own-holdings.js';
import { PeerSync } from '../../../../../src/crdt/peer-sync.js';
import { DocumentStore } from '../../../../../src/daemon/core/replication/document-store.js';
import { Membership } from '../../../../../src/daemon/core/membership/membership.js';
import { dice, signatures } from '../../../../helpers/world.js';
import { forgedChange } from '../../../../helpers/forged-change.js';
import { asName, entryOf, newDocument, ownerOf, runIdOf } from '../../../../helpers/samples.js';
import { asId } from '../../../../../src/model/registration.js';

const id = asId('web/1.0.0/10.0.0.1/8080');
const ofA = holdingsName(runIdOf('a'), 1);
const garbage = new Uint8Array([1, 2, 3]);

/** The change that was written last. */
const newestOf = ({ document }: OwnHoldings): Change => readChange(document.changesSince([]).at(-1)!);

const fakes = signatures(dice(1));

let ids = 0;

/** The documents of one daemon, and all that it is told of what arrives. */
class Side {
  readonly #told: HoldingsChange[] = [];
  readonly events: CatalogEvent[] = [];
  readonly logged: string[] = [];
  readonly deferred: (() => void)[] = [];
  readonly membership = new Membership(2000);
  readonly store: DocumentStore;
  readonly own: OwnHoldings;

  constructor(readonly name: string) {
    const logs = logsOf(() => logOf(({ message }) => this.logged.push(message)));
    this.store = new DocumentStore(
      {
        randomId: () => `random-${++ids}`,
        ...fakes,
      },
      this.membership,
      () => 0,
      logs,
      (run) => void this.deferred.push(run),
    );
    this.own = new OwnHoldings(this.store.newDocument());
    this.own.setOwner(ownerOf(name));
    this.own.commit();
    this.store.publish(this.membership.meet(runIdOf(name), 0)!, this.own, fakes.newIdentity());
  }

  /** What has arrived of others' holdings. */
  get told(): HoldingsChange[] {
    for (const arrival of this.store.takeArrivals())
      if (arrival.kind === 'holdings') this.#told.push(...arrival.changes);
      else this.events.push(...arrival.events);
    return this.#told;
  }

  write(entry: ReturnType<typeof entryOf> | undefined): void {
    this.own.setEntry(id, entry);
    this.own.commit();
    this.store.changed();
  }

  /** What was to be done after this turn. */
  defer(): void {
    for (const run of this.deferred.splice(0)) run();
  }

  /** What this side has of that daemon's entry. */
  entryAt(name: string) {
    return this.membership.get(runIdOf(name))?.holdings?.entries.get(id);
  }
}

/** Exchanges both ways until both have the same; fails loudly. */
function settle(one: Side, two: Side, syncs = [new PeerSync(one.store), new PeerSync(two.store)] as const): void {
  for (let round = 0; round < 20; round++) {
    if (one.store.digest() === two.store.digest()) return;
    syncs[0].accept(syncs[1].answer(syncs[0].request(true)));
    syncs[1].accept(syncs[0].answer(syncs[1].request(true)));
  }
  const [a, b] = [[...one.store.names()].join(), [...two.store.names()].join()];
  throw new Error(`not equal after 20 rounds: ${a} and ${b}`);
}

function settled(): [Side, Side] {
  const [a, b] = [new Side('a'), new Side('b')];
  a.write(entryOf());
  settle(a, b);
  return [a, b];
}

describe('the documents of a daemon', () => {
  it('are handed on as what is different', () => {
    const [a, b] = settled();
    expect(b.told).toEqual(
      expect.arrayContaining([
        { kind: 'owner', owner: ownerOf('a') },
        { kind: 'entry', id, entry: entryOf() },
      ]),
    );
    b.told.length = 0;
    a.write(undefined);
    settle(a, b);
    expect(b.told).toEqual([{ kind: 'entry', id, entry: undefined }]);
  });

  it('are not shown before their owner is known', () => {
    const b = new Side('b');
    const a = new OwnHoldings(newDocument());
    a.setEntry(id, entryOf());
    a.commit();
    b.store.merge(ofA, a.document.changesSince([]));
    expect(b.told).toEqual([]);
    expect(b.membership.get(runIdOf('a'))?.published).toBe(false);
    const { heads } = a.document;
    a.setOwner(ownerOf('a'));
    a.commit();
    b.store.merge(ofA, a.document.changesSince(heads));
    expect(b.told).toHaveLength(2);
  });

  it('are not believed of an owner that is another incarnation', () => {
    const b = new Side('b');
    const a = new OwnHoldings(newDocument());
    a.setOwner(ownerOf('c'));
    a.commit();
    b.store.merge(ofA, a.document.changesSince([]));
    expect(b.told).toEqual([]);
  });

  it('do not take in what others write of this daemon itself', () => {
    const b = new Side('b');
    const forged = new OwnHoldings(newDocument());
    forged.setEntry(id, entryOf());
    forged.commit();
    expect(b.store.wants(holdingsName(runIdOf('b'), 1))).toBe(false);
    new PeerSync(b.store).answer({
      changes: [[holdingsName(runIdOf('b'), 1), forged.document.changesSince([])]],
    });
    expect(b.own.entries.size).toBe(0);
  });

  it.each(['holdings/x/1', 'other', '', `holdings/${runIdOf('a')}/0`])('do not include %p', (name) => {
    expect(new Side('b').store.wants(asName(name))).toBe(false);
  });

  it('show what a change says before it is merged, and not again then', () => {
    const [a, b] = settled();
    b.told.length = 0;
    a.write(entryOf({ rev: 2 }));
    expect(b.store.preview(ofA, newestOf(a.own))).toBe(true);
    expect(b.told).toEqual([{ kind: 'entry', id, entry: entryOf({ rev: 2 }) }]);
    settle(a, b);
    expect(b.told).toHaveLength(1);
  });

  it('show nothing before it is merged in a document of another epoch, or of no owner', () => {
    const [a, b] = settled();
    a.write(entryOf({ rev: 2 }));
    const change = newestOf(a.own);
    for (const name of [holdingsName(runIdOf('a'), 2), holdingsName(runIdOf('x'), 1), 'catalog', 'else'])
      expect(b.store.preview(asName(name), change)).toBe(false);
    expect(a.store.preview(ofA, change)).toBe(false);
  });

  it('show a later epoch, from any daemon, once it has all that the former one has brought', () => {
    const [a, b] = settled();
    const next = holdingsName(runIdOf('a'), 2);
    for (let n = 0; n < 5; n++) a.write(entryOf({ rev: 2 + n }));
    settle(a, b);
    expect(a.own.renewHistory(newDocument, 0)).toBe(true);
    const copyOfOneThatLags = a.own.offered!.document.changesSince([]);
    const { heads } = a.own.offered!.document;
    // What was told since: it is gone.
    a.write(undefined);
    b.store.merge(ofA, a.own.document.changesSince(b.store.get(ofA)!.heads));
    b.told.length = 0;
    b.store.merge(next, copyOfOneThatLags);
    expect(b.told).toEqual([]);
    expect(b.entryAt('a')).toBeUndefined();
    b.store.merge(next, a.own.offered!.document.changesSince(heads));
    expect(b.told.filter(({ kind }) => kind !== 'owner')).toEqual([]);
    expect(b.membership.get(runIdOf('a'))!.holdings!.epoch).toBe(2);
  });

  it('do not include those of a forgotten incarnation', () => {
    const [, b] = settled();
    const incarnation = b.membership.get(runIdOf('a'))!;
    b.membership.forget(incarnation);
    b.store.drop(incarnation);
    expect(b.store.wants(ofA)).toBe(false);
    expect(b.store.names()).not.toContain(ofA);
  });
});

describe('bytes that are no changes', () => {
  it.each([ofA, 'catalog', holdingsName(runIdOf('x'), 1)])('are refused for %s, and change nothing', (name) => {
    const [a, b] = settled();
    b.told.length = 0;
    const before = b.store.digest();
    expect(() => b.store.merge(asName(name), [garbage])).toThrow('no change');
    expect(b.told).toEqual([]);
    expect(b.store.digest()).toBe(before);
    expect(b.entryAt('a')).toEqual(entryOf());
    a.write(entryOf({ rev: 2 }));
    settle(a, b);
    expect(b.entryAt('a')).toEqual(entryOf({ rev: 2 }));
  });
});

describe('a document on which Automerge fails', () => {
  // Automerge prints its panics.
  beforeEach(() => void jest.spyOn(console, 'error').mockImplementation(() => {}));
  afterEach(() => jest.restoreAllMocks());

  /**
   * Makes Automerge trap: it takes a change with a gap in the numbers of its writer, and fails when it is asked for
   * what follows that. The reader would not let it through, so it is said to be other than it is.
   */
  function poison(document: Document): void {
    const gap = readChange(forgedChange({ seq: 30, startOp: 100, deps: document.heads }));
    const next = forgedChange({ actor: Buffer.alloc(16, 8), startOp: 101, deps: [gap.hash] });
    document.apply([{ ...gap, seq: 1, startOp: 1, writes: Array(100).fill(gap.writes[0]) as Write[] }, next]);
    expect(document.dead).toBe(false);
    document.changesSince([gap.hash]);
    expect(document.dead).toBe(true);
  }

  function kill(side: Side, name: string): void {
    poison(side.store.get(asName(name))!);
    side.defer();
  }

  it('throws nothing, and says so once', () => {
    const told: unknown[] = [];
    const document = new Document('ab'.repeat(16), (error) => told.push(error));
    document.put('a', '1');
    document.commit();
    const { heads } = document;
    poison(document);
    expect(document.changesSince(heads)).toEqual([]);
    document.put('b', '2');
    expect(document.commit()).toBe(false);
    expect(document.knows([...heads, 'f'.repeat(64)])).toBe(false);
    expect([document.lastChange(), document.size, document.get('a'), document.concurrent('a')]).toEqual([
      undefined,
      0,
      undefined,
      [],
    ]);
    expect(document.merge([])).toEqual([]);
    document.free();
    expect(told).toHaveLength(1);
  });

  it('is not one in which an error of our own happens', () => {
    const told: unknown[] = [];
    const document = new Document('ab'.repeat(16), (error) => told.push(error));
    const change = readChange(forgedChange({}));
    const broken = Object.defineProperty({ ...change }, 'bytes', {
      get: () => {
        throw new TypeError('a bug');
      },
    });
    expect(() => document.apply([broken])).toThrow('a bug');
    expect([document.dead, told]).toEqual([false, []]);
    expect(document.apply([change]).changes).toHaveLength(1);
  });

  it('is fetched again if it is a replica, and shown as it was meanwhile', () => {
    const [a, b] = settled();
    b.told.length = 0;
    kill(b, ofA);
    expect(b.entryAt('a')).toEqual(entryOf());
    expect(b.membership.get(runIdOf('a'))?.fetchedAnew).toBe(1);
    a.write(entryOf({ rev: 2 }));
    settle(a, b);
    expect(b.entryAt('a')).toEqual(entryOf({ rev: 2 }));
    expect(b.told.filter(({ kind }) => kind === 'entry')).toEqual([{ kind: 'entry', id, entry: entryOf({ rev: 2 }) }]);
    expect(b.membership.get(runIdOf('a'))?.fetchedAnew).toBe(0);
  });

  it('is said to be beyond repair where that does not help', () => {
    const [a, b] = settled();
    for (let times = 0; times < 3; times++) kill(b, ofA);
    expect(b.logged.filter((line) => line.includes('however often'))).toHaveLength(1);
    settle(a, b);
    expect(b.entryAt('a')).toEqual(entryOf());
  });

  it('goes on as the next epoch if it is this daemon’s own', () => {
    const [a, b] = settled();
    kill(a, ofA);
    expect([a.own.epoch, a.own.commit(), a.own.commit()]).toEqual([2, true, false]);
    a.write(entryOf({ rev: 2 }));
    settle(a, b);
    expect(b.entryAt('a')).toEqual(entryOf({ rev: 2 }));
    expect(b.membership.get(runIdOf('a'))?.holdings?.epoch).toBe(2);
  });

  it('keeps what is written to the catalog meanwhile', () => {
    const [a, b] = settled();
    b.store.catalog.setBackend('web', { name: 'web', app: 'web', version: '1' });
    b.store.catalog.commit({});
    poison(b.store.catalog.document);
    b.store.catalog.setBackend('web', { name: 'web', app: 'web', version: '2' });
    b.store.catalog.setBackend('api', { name: 'api', app: 'api', version: '1' });
    b.store.catalog.commit({});
    b.defer();
    expect(b.store.catalog.dirty).toBe(true);
    expect([...b.store.catalog.backends.values()].map(({ name, version }) => `${name} ${version}`).sort()).toEqual([
      'api 1',
      'web 2',
    ]);
    settle(a, b);
    expect([...a.store.catalog.backends.keys()].sort()).toEqual(['api', 'web']);
  });
});

describe('a change that the owner did not write', () => {
  /** What another program makes of a's holdings as they are. */
  function forge(a: Side): Uint8Array[] {
    const forger = newDocument();
    forger.merge(a.own.document.changesSince([]));
    forger.put('1000', JSON.stringify([['entry', id]]));
    forger.commit();
    return forger.changesSince([]);
  }

  /** The last that b's view has been told of the entry. */
  const toldLast = (b: Side) => b.told.filter(({ kind }) => kind === 'entry').at(-1);

  it('gives way to what the owner writes next', () => {
    const [a, b] = settled();
    b.store.merge(ofA, forge(a));
    a.write(entryOf({ rev: 2 }));
    b.store.merge(ofA, a.own.document.changesSince([]));
    settle(a, b);
    expect(b.entryAt('a')).toEqual(entryOf({ rev: 2 }));
    expect(toldLast(b)).toEqual({ kind: 'entry', id, entry: entryOf({ rev: 2 }) });
  });

  it('beside those of the owner does not keep the replica from following', () => {
    const [a, b] = settled();
    const forged = forge(a);
    a.write(entryOf({ rev: 2 }));
    settle(a, b);
    b.store.merge(ofA, forged);
    for (const rev of [3, 4]) {
      a.write(entryOf({ rev }));
      settle(a, b);
      expect(b.entryAt('a')).toEqual(entryOf({ rev }));
      expect(toldLast(b)).toEqual({ kind: 'entry', id, entry: entryOf({ rev }) });
    }
  });
});
