import type { CatalogEvent } from '../../../../src/crdt/catalog.js';
import { type HoldingsChange, holdingsName } from '../../../../src/crdt/holdings.js';
import { notesOf } from '../../../../src/crdt/notes.js';
import { OwnHoldings } from '../../../../src/crdt/own-holdings.js';
import { PeerSync } from '../../../../src/crdt/peer-sync.js';
import { DocumentStore } from '../../../../src/daemon/core/documents.js';
import { Membership } from '../../../../src/daemon/core/membership.js';
import { entryOf, newDocument, ownerOf, runIdOf } from '../../../helpers/samples.js';

const id = 'web/1.0.0/10.0.0.1/8080';
const ofA = holdingsName(runIdOf('a'), 1);
const garbage = new Uint8Array([1, 2, 3]);

let ids = 0;

/** The documents of one daemon, and all that it is told of what arrives. */
class Side {
  readonly told: HoldingsChange[] = [];
  readonly events: CatalogEvent[] = [];
  readonly logged: string[] = [];
  readonly membership = new Membership(2000);
  readonly store: DocumentStore;
  readonly own: OwnHoldings;

  constructor(readonly name: string) {
    const log = (_: object, message: string): void => void this.logged.push(message);
    this.store = new DocumentStore(
      { now: () => 0, randomId: () => `random-${++ids}` },
      this.membership,
      () => 0,
      { debug: log, info: log, warn: log, error: log },
      {
        onHoldings: (_, changes) => void this.told.push(...changes),
        onCatalog: (events) => void this.events.push(...events),
        onMerged: () => {},
      },
    );
    this.own = new OwnHoldings(newDocument());
    this.own.setOwner(ownerOf(name));
    this.own.commit();
    this.store.publish(this.membership.meet(runIdOf(name), 0)!, this.own);
  }

  write(entry: ReturnType<typeof entryOf> | undefined): void {
    this.own.setEntry(id, entry);
    this.own.commit();
    this.store.changed();
  }

  /** What this side has of that daemon's entry. */
  entryAt(name: string) {
    return this.membership.get(runIdOf(name))?.holdings?.entries.get(id);
  }
}

/** Exchanges both ways until both have the same; fails loudly. */
function settle(
  one: Side,
  two: Side,
  syncs = [new PeerSync(one.store), new PeerSync(two.store)] as const,
): void {
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

  it('are not believed of an owner who is somebody else', () => {
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
    expect(new Side('b').store.wants(name)).toBe(false);
  });

  it('show what a change says ahead of it, and are put right where it says something else', () => {
    const [a, b] = settled();
    b.told.length = 0;
    a.write(entryOf({ rev: 2 }));
    expect(b.store.takeAhead(ofA, a.own.document.newest!)).toBe(true);
    expect(b.told).toEqual([{ kind: 'entry', id, entry: entryOf({ rev: 2 }) }]);
    settle(a, b);
    expect(b.told).toHaveLength(1);
    a.write(entryOf({ rev: 3 }));
    const [gone] = notesOf([['entry', id]]);
    b.store.takeAhead(ofA, [a.own.document.newest![0], gone!]);
    expect(b.entryAt('a')).toBeUndefined();
    settle(a, b);
    expect(b.entryAt('a')).toEqual(entryOf({ rev: 3 }));
    expect(b.logged).toHaveLength(1);
  });

  it('show nothing ahead in what is another epoch, or nobody’s', () => {
    const [a, b] = settled();
    a.write(entryOf({ rev: 2 }));
    const note = a.own.document.newest!;
    for (const name of [holdingsName(runIdOf('a'), 2), holdingsName(runIdOf('x'), 1), 'catalog', 'else'])
      expect(b.store.takeAhead(name, note)).toBe(false);
    expect(a.store.takeAhead(ofA, note)).toBe(false);
  });

  it('show a later epoch, whoever brings it, once it has all that the former one has brought', () => {
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
  it('change nothing that is shown, and cost only that replica, which is fetched anew', () => {
    const [a, b] = settled();
    b.told.length = 0;
    b.store.merge(ofA, [garbage]);
    expect(b.told).toEqual([]);
    expect(b.entryAt('a')).toEqual(entryOf());
    expect(b.logged).toHaveLength(1);
    a.write(entryOf({ rev: 2 }));
    settle(a, b);
    expect(b.entryAt('a')).toEqual(entryOf({ rev: 2 }));
    expect(b.told.filter(({ kind }) => kind === 'entry')).toEqual([
      { kind: 'entry', id, entry: entryOf({ rev: 2 }) },
    ]);
  });

  it('for a document that is not here yet do not keep it from coming', () => {
    const [a, b] = [new Side('a'), new Side('b')];
    a.write(entryOf());
    b.store.merge(ofA, [garbage]);
    settle(a, b);
    expect(b.entryAt('a')).toEqual(entryOf());
  });

  it('for the catalog leave what was in it', () => {
    const [a, b] = settled();
    a.store.catalog.setBackend('web', { name: 'web', app: 'web', version: '1' });
    a.store.catalog.commit({});
    a.store.changed();
    settle(a, b);
    b.events.length = 0;
    b.store.merge('catalog', [garbage]);
    expect(b.store.catalog.backends.get('web')?.version).toBe('1');
    a.store.catalog.setBackend('web', { name: 'web', app: 'web', version: '2' });
    a.store.catalog.commit({});
    a.store.changed();
    settle(a, b);
    for (const side of [a, b]) expect(side.store.catalog.backends.get('web')?.version).toBe('2');
  });
});

describe('bytes that are no changes, for a catalog with something that nobody else knows of yet,', () => {
  it('lose neither what was written nor what was deleted', () => {
    const [a, b] = settled();
    for (const name of ['kept', 'gone']) a.store.catalog.setBackend(name, { name, app: 'web', version: '1' });
    a.store.catalog.commit({});
    a.store.changed();
    settle(a, b);
    b.store.catalog.setBackend('gone', undefined);
    b.store.catalog.setBackend('new', { name: 'new', app: 'web', version: '1' });
    b.store.catalog.commit({ author: 'b' });
    b.store.changed();
    b.store.merge('catalog', [garbage]);
    settle(a, b);
    for (const side of [a, b])
      expect([...side.store.catalog.backends.keys()].sort()).toEqual(['kept', 'new']);
  });
});

describe('a change that the owner did not write', () => {
  /** What somebody makes of a's holdings as they are. */
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
