import { type Decided, HoldingsReplica } from '../../../../../src/crdt/holdings.js';
import type { Document } from '../../../../../src/crdt/document.js';
import { type Entry, readEntry, toStored } from '../../../../../src/crdt/entry.js';
import type { LifeId } from '../../../../../src/crdt/ids.js';
import type { OwnHoldings } from '../../../../../src/crdt/own-holdings.js';
import { View } from '../../../../../src/crdt/view.js';
import { DrainEnds } from '../../../../../src/daemon/core/lease/drain-ends.js';
import type { Forwarded } from '../../../../../src/daemon/core/lease/forwarder.js';
import { Holder } from '../../../../../src/daemon/core/lease/holder.js';
import { updateBurst } from '../../../../../src/daemon/core/lease/update-throttle.js';
import { type Incarnation, Membership } from '../../../../../src/daemon/core/membership/membership.js';
import { asId, type RegistrationOptions, type RegistrationId } from '../../../../../src/model/registration.js';
import {
  asLife,
  entryOf,
  holdingsOf,
  meetPublished,
  newDocument,
  ownerOf,
  runIdOf,
} from '../../../../helpers/samples.js';

const id = asId('web/1.0.0/10.0.0.1/8080');

/** What a daemon that hears of this one for the first time takes in. */
const replicaOf = (document: Document) => new HoldingsReplica(newDocument()).merge(document.changesSince([]));

/** A daemon `a` with its holder; what other daemons hold is put into its view by hand. */
class Bench {
  time = 0;
  writes = 0;
  readonly forwarded: { url: string; renewal: Forwarded }[] = [];
  readonly view = new View();
  readonly drainEnds = new DrainEnds(
    this.view,
    () => this.time,
    (one) => (this.own.entries.has(one) ? 0 : 500),
  );
  readonly membership = new Membership(2000);
  readonly own = this.#counted(holdingsOf(ownerOf('a')));
  #ids = 0;
  readonly holder = new Holder(
    {
      runtime: { wallNow: () => 1_700_000_000_000 + this.time, randomId: () => `life-of-a-${++this.#ids}` },
      view: this.view,
      membership: this.membership,
      forwarder: {
        forward: (url: string, renewal: Forwarded) => void this.forwarded.push({ url, renewal }),
      },
      takeOvers: { add: () => undefined },
      drainEnds: this.drainEnds,
      defaultTtlMs: 4000,
      peerTimeoutMs: 2000,
      now: () => this.time,
    },
    runIdOf('a'),
    this.own,
  );

  /** Counts what is written. */
  #counted(own: OwnHoldings): OwnHoldings {
    for (const write of ['setEntry', 'setReleased', 'setDecided'] as const) {
      const set = own[write].bind(own) as (...args: unknown[]) => void;
      own[write] = (...args: unknown[]) => {
        this.writes++;
        set(...args);
      };
    }
    return own;
  }

  /** Time passes, with everything that it brings. */
  pass(ms: number): void {
    for (const until = this.time + ms; this.time < until; this.time++) this.holder.expire();
    this.holder.expire();
    this.holder.tidy();
  }

  register(options: RegistrationOptions = {}) {
    return this.holder.register(id, options);
  }

  /** Updates so often that the next one has to wait. */
  hurry(options: RegistrationOptions = {}): void {
    for (let n = 1; n <= updateBurst; n++) this.register({ ...options, meta: { hurry: n } });
  }

  /** Another daemon has this entry now (undefined: none). */
  elsewhere(name: string, entry: Entry | undefined): Incarnation {
    const { runId } = ownerOf(name);
    const incarnation = this.membership.get(runId) ?? meetPublished(this.membership, ownerOf(name));
    this.view.set(runId, id, entry);
    this.holder.reconcile(id);
    return incarnation;
  }

  /** A daemon that is lost had decided this. */
  inherit(one: RegistrationId, decided: Decided): void {
    this.holder.follow({ ids: new Map(), decisionsOfLost: [[one, decided]] });
  }

  releaseElsewhere(name: string, lives: LifeId[]): void {
    this.view.setReleased(runIdOf(name), id, lives);
    this.holder.reconcile(id);
  }

  get held(): Entry | undefined {
    return this.own.entries.get(id);
  }

  get online(): Entry | undefined {
    return this.view.winner(id)?.entry;
  }
}

describe('what is held here', () => {
  it('is held for its TTL from the registration, and not a millisecond less', () => {
    const bench = new Bench();
    expect(bench.register({ ttl: 3000 }).outcome).toBe('registered');
    bench.pass(2999);
    expect(bench.online).toBeDefined();
    bench.pass(1);
    expect([bench.online, bench.held]).toEqual([undefined, undefined]);
  });

  it('is held for its TTL from each renewal, of which none is written', () => {
    const bench = new Bench();
    bench.register();
    const { writes } = bench;
    for (let turn = 0; turn < 5; turn++) {
      bench.pass(3999);
      expect(bench.holder.renew(id)).toBe(true);
      expect(bench.register().outcome).toBe('renewed');
    }
    expect(bench.writes).toBe(writes);
    bench.pass(4000);
    expect(bench.holder.renew(id)).toBe(false);
  });

  it('takes the default TTL and keeps what an update does not name', () => {
    const bench = new Bench();
    expect(bench.register({ meta: { zone: 'b' } }).entry).toMatchObject({
      ttl: 4000,
      meta: { zone: 'b' },
      rev: 1,
    });
    const { outcome, entry } = bench.register({ ttl: 8000 });
    expect([outcome, entry.ttl, entry.meta]).toEqual(['updated', 8000, { zone: 'b' }]);
    expect(bench.held).toMatchObject({ ttl: 8000, meta: { zone: 'b' }, rev: 2, life: 'life-of-a-1' });
  });

  it('lives by its new TTL from the update that brings it', () => {
    const bench = new Bench();
    bench.register({ ttl: 8000 });
    bench.pass(1000);
    bench.register({ ttl: 2000 });
    bench.pass(1999);
    expect(bench.online).toBeDefined();
    bench.pass(1);
    expect(bench.online).toBeUndefined();
  });

  it('is not written again for what equals it, in another order too', () => {
    const bench = new Bench();
    bench.register({ meta: { a: 1, b: 2 }, ttl: 5000, instance: 'i' });
    const { writes } = bench;
    expect(bench.register({ meta: { b: 2, a: 1 }, ttl: 5000, instance: 'i' }).outcome).toBe('renewed');
    expect(bench.writes).toBe(writes);
  });

  it('begins a new life with another instance, at once and with nothing of the old one', () => {
    const bench = new Bench();
    bench.register({ instance: 'one', meta: { zone: 'b' }, ttl: 9000 });
    bench.pass(10);
    expect(bench.register({ instance: 'two' }).outcome).toBe('registered');
    expect(bench.held).toMatchObject({ instance: 'two', meta: {}, ttl: 4000, life: 'life-of-a-2', rev: 2 });
    expect(bench.register({ instance: 'two' }).outcome).toBe('renewed');
    expect(bench.register({}).outcome).toBe('renewed');
  });

  it('begins a new life after it expired, with a rev of its own', () => {
    const bench = new Bench();
    bench.register();
    bench.pass(4000);
    expect(bench.register().outcome).toBe('registered');
    expect(bench.held?.life).toBe('life-of-a-2');
  });
});

describe('updates', () => {
  it('are written at once, five in a row', () => {
    const bench = new Bench();
    bench.register();
    for (let n = 1; n <= 5; n++) {
      bench.register({ meta: { n } });
      expect(bench.held?.meta).toEqual({ n });
    }
    bench.register({ meta: { n: 6 } });
    expect(bench.held?.meta).toEqual({ n: 5 });
    bench.pass(10_000);
    bench.hurry();
    expect(bench.held?.meta).toEqual({ hurry: 5 });
  });

  it('are written once per second in the long run, the last one in the end', () => {
    const bench = new Bench();
    bench.register();
    bench.hurry();
    for (let n = 1; n <= 30; n++) {
      bench.register({ meta: { n } });
      bench.pass(100);
    }
    expect(bench.held?.rev).toBeLessThanOrEqual(5 + 5);
    bench.pass(1000);
    expect(bench.held?.meta).toEqual({ n: 30 });
  });

  it('that wait are taken together', () => {
    const bench = new Bench();
    bench.register();
    bench.hurry();
    bench.register({ meta: { n: 2 } });
    bench.register({ ttl: 9000 });
    bench.pass(1000);
    expect(bench.held).toMatchObject({ meta: { n: 2 }, ttl: 9000, rev: 7 });
  });

  it('that wait give way to a later one that goes back to what is written', () => {
    const bench = new Bench();
    bench.register();
    bench.hurry();
    bench.register({ meta: { n: 2 } });
    bench.register({ meta: { hurry: 5 } });
    bench.pass(2000);
    expect(bench.held?.meta).toEqual({ hurry: 5 });
  });

  it('that wait give way to one that comes when their time is over, before they are written', () => {
    const bench = new Bench();
    bench.register();
    bench.hurry();
    bench.register({ meta: { n: 2 } });
    bench.time += 1000;
    bench.register({ meta: { n: 3 } });
    bench.pass(3000);
    expect(bench.held).toMatchObject({ meta: { n: 3 }, rev: 7 });
  });

  it('that wait are in the answer to the next renewal', () => {
    const bench = new Bench();
    bench.register();
    bench.hurry();
    bench.register({ meta: { n: 2 } });
    expect(bench.register({ meta: { n: 2 } })).toMatchObject({
      outcome: 'renewed',
      entry: { meta: { n: 2 } },
    });
  });

  it('that wait are not for the next life', () => {
    const bench = new Bench();
    bench.register({ instance: 'one' });
    bench.hurry();
    bench.register({ meta: { of: 'one, late' } });
    bench.register({ instance: 'two', meta: { of: 'two' } });
    bench.pass(2000);
    expect(bench.held).toMatchObject({ instance: 'two', meta: { of: 'two' } });
  });

  it('that wait are not for the next life when that comes from elsewhere', () => {
    const bench = new Bench();
    bench.register();
    bench.hurry();
    bench.register({ meta: { of: 'a, late' } });
    bench.elsewhere('b', entryOf({ life: 'life-of-b', rev: 9, meta: { of: 'b' } }));
    bench.pass(2000);
    expect(bench.held).toMatchObject({ life: 'life-of-b', rev: 9, meta: { of: 'b' } });
  });

  it('that wait give way to what another holder has written since, but not to a copy of what is written here', () => {
    const bench = new Bench();
    bench.register();
    bench.hurry();
    bench.register({ meta: { n: 1 } });
    bench.elsewhere('b', bench.held);
    bench.elsewhere('b', { ...bench.held!, rev: 7, meta: { n: 2 } });
    bench.pass(2000);
    expect(bench.held?.meta).toEqual({ n: 2 });
    bench.hurry();
    bench.register({ meta: { n: 3 } });
    bench.elsewhere('b', bench.held);
    bench.pass(2000);
    expect(bench.held?.meta).toEqual({ n: 3 });
  });

  it('that wait are written when there is no later', () => {
    const bench = new Bench();
    bench.register();
    bench.hurry();
    bench.register({ meta: { n: 1 } });
    bench.holder.entries.writePending();
    expect(bench.held?.meta).toEqual({ n: 1 });
    const { writes } = bench;
    bench.holder.entries.writePending();
    expect(bench.writes).toBe(writes);
  });

  it('of two owners of one key that disagree cost one write per second', () => {
    const bench = new Bench();
    bench.register();
    bench.hurry();
    const { writes } = bench;
    for (let turn = 0; turn < 100; turn++) {
      bench.register({ meta: { owner: turn % 2 } });
      bench.pass(100);
    }
    expect(bench.writes - writes).toBeLessThanOrEqual(11);
  });
});

describe('what another daemon holds', () => {
  it('is renewed there: forwarded with life and rev, and not held here', () => {
    const bench = new Bench();
    bench.elsewhere('b', entryOf({ rev: 3 }));
    expect(bench.holder.renew(id)).toBe(true);
    expect(bench.register().outcome).toBe('renewed');
    expect(bench.forwarded.map(({ url, renewal }) => [url, renewal.entry.life, renewal.entry.rev])).toEqual([
      ['http://b.example:1729', 'life-1', 3],
      ['http://b.example:1729', 'life-1', 3],
    ]);
    expect([bench.held, bench.writes]).toEqual([undefined, 0]);
  });

  it('is updated there', () => {
    const bench = new Bench();
    bench.elsewhere('b', entryOf());
    expect(bench.register({ ttl: 9000, meta: {} }).outcome).toBe('updated');
    expect(bench.forwarded[0]!.renewal).toMatchObject({ change: { ttl: 9000, meta: {} }, isUpdate: true });
    bench.register({ ttl: 4000, meta: {} });
    expect(bench.forwarded[1]!.renewal).toMatchObject({ change: { ttl: 4000, meta: {} }, isUpdate: false });
    expect(bench.held).toBeUndefined();
  });

  it('ends with the last of several updates within a second, though the view may not show the ones between', () => {
    const bench = new Bench();
    bench.elsewhere('b', entryOf({ meta: { n: 1 } }));
    bench.register({ meta: { n: 2 } });
    expect(bench.register({ meta: { n: 1 } }).outcome).toBe('renewed');
    expect(bench.forwarded.map(({ renewal }) => renewal.change)).toEqual([{ meta: { n: 2 } }, { meta: { n: 1 } }]);
  });

  it('is held here from the first renewal once that daemon is lost, with its life, rev and value', () => {
    const bench = new Bench();
    const entry = entryOf({
      rev: 3,
      decision: { turn: 2, draining: true },
      instance: 'i',
      meta: { zone: 'b' },
      registered: 7,
    });
    bench.elsewhere('b', entry).lost = true;
    expect(bench.holder.renew(id)).toBe(true);
    expect(bench.forwarded).toEqual([]);
    expect(bench.held).toEqual(entry);
    bench.pass(3999);
    expect(bench.held).toBeDefined();
    bench.pass(1);
    expect(bench.held).toBeUndefined();
  });

  it('is replaced here by a new life when another instance registers', () => {
    const bench = new Bench();
    bench.elsewhere('b', entryOf({ rev: 3, instance: 'one' }));
    expect(bench.register({ instance: 'two' }).outcome).toBe('registered');
    expect(bench.online).toMatchObject({ instance: 'two', rev: 4, life: 'life-of-a-1' });
  });

  it('is copied when it is of a higher rev than what is held here, the lease going on', () => {
    const bench = new Bench();
    bench.register();
    bench.pass(1000);
    const theirs = entryOf({ life: 'life-of-b', rev: 5, meta: { zone: 'b' }, ttl: 60_000 });
    bench.elsewhere('b', theirs);
    expect(bench.held).toEqual(theirs);
    bench.pass(2999);
    expect(bench.held).toBeDefined();
    bench.pass(1);
    expect(bench.held).toBeUndefined();
    expect(bench.online).toEqual(theirs);
  });

  it('is not copied when it is of a lower rev, and not written again when it is the same', () => {
    const bench = new Bench();
    bench.register();
    bench.register({ meta: { zone: 'a' } });
    const [mine, { writes }] = [bench.held, bench];
    bench.elsewhere('b', entryOf({ rev: 1 }));
    bench.elsewhere('b', { ...mine! });
    expect([bench.held, bench.writes]).toEqual([mine, writes]);
  });

  it('shortens the lease here when it brings a shorter TTL', () => {
    const bench = new Bench();
    bench.register({ ttl: 60_000 });
    bench.elsewhere('b', entryOf({ rev: 5, ttl: 2000 }));
    bench.pass(2000);
    expect(bench.held).toBeUndefined();
  });
});

describe('a renewal that another daemon forwards', () => {
  it('keeps alive what is held here with that life and an equal or higher rev', () => {
    const bench = new Bench();
    const { entry } = bench.register();
    bench.pass(3000);
    expect(bench.holder.acceptForwarded([[id, entry.life, 1]])).toEqual([]);
    bench.pass(3999);
    expect(bench.held).toBeDefined();
  });

  it('is refused, by its index, for what is not held here, another life, or a later rev', () => {
    const bench = new Bench();
    const { entry } = bench.register();
    bench.pass(3000);
    expect(
      bench.holder.acceptForwarded([
        [asId('web/1.0.0/10.0.0.1/9'), entry.life, 1],
        [id, entry.life, 1],
        [id, asLife('life-of-b'), 1],
        [id, entry.life, 2],
      ]),
    ).toEqual([0, 2, 3]);
  });

  it('that is refused renews nothing', () => {
    const bench = new Bench();
    bench.register();
    bench.pass(3000);
    bench.holder.acceptForwarded([[id, asLife('life-of-b'), 1]]);
    bench.pass(1000);
    expect(bench.held).toBeUndefined();
  });

  it('brings its update, at the pace of updates here', () => {
    const bench = new Bench();
    const { entry } = bench.register();
    bench.holder.acceptForwarded([[id, entry.life, 1, { meta: { n: 1 } }]]);
    expect(bench.held).toMatchObject({ meta: { n: 1 }, rev: 2 });
    for (let n = 2; n <= 6; n++) bench.holder.acceptForwarded([[id, entry.life, 1, { meta: { n } }]]);
    expect(bench.held).toMatchObject({ meta: { n: 5 } });
    bench.pass(1000);
    expect(bench.held).toMatchObject({ meta: { n: 6 }, rev: 7 });
  });

  it('is never forwarded again', () => {
    const bench = new Bench();
    bench.elsewhere('b', entryOf());
    expect(bench.holder.acceptForwarded([[id, asLife('life-1'), 1]])).toEqual([0]);
    expect(bench.forwarded).toEqual([]);
    expect(bench.held).toBeUndefined();
  });
});

describe('a renewal that no holder has acknowledged', () => {
  it('makes this daemon a holder of the same life and rev, with a whole lease', () => {
    const bench = new Bench();
    const entry = entryOf({ rev: 3 });
    bench.elsewhere('b', entry);
    bench.holder.takeOver([{ id, entry }]);
    expect(bench.held).toEqual(entry);
    bench.pass(3999);
    expect(bench.held).toBeDefined();
  });

  it('brings the update that was forwarded with it', () => {
    const bench = new Bench();
    bench.elsewhere('b', entryOf({ rev: 3 }));
    bench.holder.takeOver([{ id, entry: entryOf({ rev: 3 }), change: { ttl: 9000 } }]);
    expect(bench.online).toMatchObject({ ttl: 9000, rev: 4, life: 'life-1' });
  });

  it('takes the latest value of that life that is known by now', () => {
    const bench = new Bench();
    bench.elsewhere('b', entryOf({ rev: 4, meta: { zone: 'b' } }));
    bench.holder.takeOver([{ id, entry: entryOf({ rev: 3 }) }]);
    expect(bench.held).toMatchObject({ rev: 4, meta: { zone: 'b' } });
  });

  it('takes a later value of that life also from a copy that no longer counts', () => {
    const bench = new Bench();
    const { runId } = meetPublished(bench.membership, ownerOf('b'));
    bench.view.set(runId, id, entryOf({ rev: 4, meta: { zone: 'b' } }), true);
    bench.holder.takeOver([{ id, entry: entryOf({ rev: 3 }) }]);
    expect(bench.held).toMatchObject({ rev: 4, meta: { zone: 'b' } });
  });

  it('ends with a release that came and went in one message', () => {
    const bench = new Bench();
    const { entry } = bench.register();
    bench.holder.follow({ ids: new Map([[id, new Set([asLife('life-of-another')])]]), decisionsOfLost: [] });
    expect(bench.held).toEqual(entry);
    bench.holder.follow({ ids: new Map([[id, new Set([entry.life])]]), decisionsOfLost: [] });
    expect(bench.held).toBeUndefined();
  });

  it('revives no life that was released meanwhile, and changes nothing of the next', () => {
    const bench = new Bench();
    bench.releaseElsewhere('b', [asLife('life-1')]);
    bench.holder.takeOver([{ id, entry: entryOf() }]);
    expect(bench.held).toBeUndefined();
    // Not even for a moment, in which it would have to be released here as well.
    expect([bench.writes, bench.own.released.size]).toEqual([0, 0]);
    const { entry } = bench.register();
    bench.holder.takeOver([{ id, entry: entryOf({ rev: 9 }), change: { ttl: 9000 } }]);
    expect(bench.held).toEqual(entry);
  });

  it('does not put a life in the place of the one that has replaced it here', () => {
    const bench = new Bench();
    const before = entryOf({ rev: 3, instance: 'one' });
    bench.elsewhere('b', before);
    bench.holder.renew(id);
    const { entry } = bench.register({ instance: 'two' });
    bench.holder.takeOver([{ id, entry: before, change: { ttl: 9000 } }]);
    expect(bench.held).toEqual(entry);
    expect(bench.online).toEqual(entry);
  });

  it('does not keep a life beside the one that has replaced it elsewhere', () => {
    const bench = new Bench();
    const before = entryOf({ rev: 3, instance: 'one' });
    bench.elsewhere('b', before);
    bench.holder.renew(id);
    bench.elsewhere('b', entryOf({ rev: 4, life: 'life-2', instance: 'two' }));
    bench.holder.takeOver([{ id, entry: before, change: { ttl: 9000 } }]);
    // The service at that address is alive: that is what the renewal says.
    expect(bench.held).toMatchObject({ life: 'life-2', rev: 4, ttl: 4000 });
  });
});

describe('a release', () => {
  it('gives way to what has followed it, and is not missing in between at daemons that hear only this one', () => {
    const bench = new Bench();
    const { entry } = bench.register({ instance: 'old' });
    bench.pass(1000);
    const next = entryOf({ rev: entry.rev + 1, instance: 'new' });
    bench.view.setReleased(runIdOf('b'), id, [entry.life], [entry.life]);
    bench.elsewhere('b', next);
    expect(bench.held).toEqual(next);
    expect(bench.own.released.get(id)).toMatchObject({ lives: [entry.life], replaced: [entry.life] });
    // No longer than it would have held the one before.
    bench.pass(3000);
    expect(bench.held).toBeUndefined();
  });

  it('of another daemon is written here, too, by the daemon that drops what it ends, once', () => {
    const bench = new Bench();
    const { entry } = bench.register({ ttl: 3000 });
    bench.releaseElsewhere('b', [entry.life, asLife('life-of-c')]);
    expect(bench.held).toBeUndefined();
    expect(bench.own.released.get(id)).toEqual({ lives: [entry.life], ttl: 3000 });
    // A daemon that hears only this one knows why.
    bench.own.commit();
    const changes = replicaOf(bench.own.document).changes.filter(({ kind }) => kind === 'released');
    expect(changes).toEqual([{ kind: 'released', id, release: { lives: [entry.life], ttl: 3000 } }]);
    const { writes } = bench;
    bench.releaseElsewhere('b', [entry.life]);
    expect(bench.writes).toBe(writes);
  });

  it('names every life that is known of the id, and ends them here', () => {
    const bench = new Bench();
    bench.register();
    bench.register({ meta: { zone: 'a' } });
    bench.elsewhere('b', entryOf({ life: 'life-of-b', rev: 1, ttl: 60_000 }));
    bench.holder.release(id, bench.view.copies(id));
    expect([bench.held, bench.online]).toEqual([undefined, undefined]);
    expect(bench.own.released.get(id)).toEqual({
      lives: expect.arrayContaining(['life-of-a-1', 'life-of-b']) as string[],
      ttl: 60_000,
    });
    expect(bench.holder.renew(id)).toBe(false);
  });

  it('of another daemon ends what is held here, with its updates', () => {
    const bench = new Bench();
    bench.register();
    bench.register({ meta: { n: 1 } });
    bench.register({ meta: { n: 2 } });
    bench.releaseElsewhere('b', [asLife('life-of-a-1')]);
    bench.pass(2000);
    expect([bench.held, bench.online]).toEqual([undefined, undefined]);
  });

  it('does not concern the next registration, not even within the same millisecond', () => {
    const bench = new Bench();
    bench.register();
    bench.holder.release(id, bench.view.copies(id));
    expect(bench.register().outcome).toBe('registered');
    expect(bench.online?.life).toBe('life-of-a-2');
  });

  it('stays until TTL, peer timeout and a second have passed', () => {
    const bench = new Bench();
    bench.register();
    bench.holder.release(id, bench.view.copies(id));
    bench.pass(6999);
    expect(bench.own.released.has(id)).toBe(true);
    bench.pass(1);
    expect(bench.own.released.has(id)).toBe(false);
    expect(bench.view.isReleased(asLife('life-of-a-1'))).toBe(false);
  });

  it('stays for as long as anybody has an entry of it', () => {
    const bench = new Bench();
    bench.elsewhere('b', entryOf());
    bench.holder.release(id, bench.view.copies(id));
    bench.pass(20_000);
    expect(bench.online).toBeUndefined();
    expect(bench.own.released.has(id)).toBe(true);
    bench.elsewhere('b', undefined);
    bench.pass(1);
    expect(bench.own.released.has(id)).toBe(false);
  });

  it('adds to the one before', () => {
    const bench = new Bench();
    for (const life of ['life-1', 'life-2']) {
      bench.elsewhere('b', entryOf({ life }));
      bench.holder.release(id, bench.view.copies(id));
    }
    expect(bench.own.released.get(id)?.lives).toEqual(['life-1', 'life-2']);
  });

  it('counts here as it counts for everyone, however often the id was deleted', () => {
    const bench = new Bench();
    for (let n = 0; n < 100; n++) {
      bench.register();
      bench.holder.release(id, bench.view.copies(id));
    }
    const { lives } = bench.own.released.get(id)!;
    expect(lives).toHaveLength(64);
    for (let n = 1; n <= 100; n++)
      expect([n, bench.view.isReleased(asLife(`life-of-a-${n}`))]).toEqual([
        n,
        lives.includes(asLife(`life-of-a-${n}`)),
      ]);
  });
});

it('writes what others can read', () => {
  const bench = new Bench();
  bench.register({ ttl: 1000, meta: { text: 'x'.repeat(4000) }, instance: 'i'.repeat(128) });
  expect(readEntry(JSON.parse(JSON.stringify(toStored(bench.held!))))).toEqual(bench.held);
});

describe('a decision', () => {
  const drained = { turn: 1, draining: true, reason: 'deploy' };
  /** The same, decided through this daemon. */
  const drainedHere = { ...drained, id: expect.any(String) as string };

  it('is about something online', () => {
    expect(new Bench().holder.decisions.decide(id, { draining: true })).toBeUndefined();
  });

  it('stays over renewals and updates, whose pace does not hold it back', () => {
    const bench = new Bench();
    bench.register();
    bench.hurry();
    bench.holder.decisions.decide(id, { draining: true, reason: 'deploy' });
    expect(bench.held).toMatchObject({ meta: { hurry: 5 }, rev: 6, decision: drained });
    bench.register({ meta: { n: 2 } });
    bench.pass(1000);
    expect(bench.held).toMatchObject({ meta: { n: 2 }, rev: 7, decision: drained });
  });

  it('is no sign of life', () => {
    const bench = new Bench();
    bench.register();
    bench.pass(3999);
    bench.holder.decisions.decide(id, { draining: true });
    bench.pass(1);
    expect(bench.online).toBeUndefined();
  });

  it('ends with the life: the next one is not draining', () => {
    const bench = new Bench();
    bench.register({ instance: 'one' });
    bench.holder.decisions.decide(id, { draining: true });
    bench.register({ instance: 'two' });
    expect(bench.held?.decision).toBeUndefined();
    bench.holder.tidy();
    expect(bench.held?.decision).toBeUndefined();
  });

  it('that changes nothing is not written; another reason for a drain is a change', () => {
    const bench = new Bench();
    bench.register();
    bench.holder.decisions.decide(id, { draining: false, reason: 'no need' });
    expect(bench.held?.decision).toBeUndefined();
    bench.holder.decisions.decide(id, { draining: true, reason: 'deploy' });
    const { writes } = bench;
    bench.holder.decisions.decide(id, { draining: true });
    expect([bench.held?.decision, bench.writes]).toEqual([drainedHere, writes]);
    bench.holder.decisions.decide(id, { draining: true, reason: 'still' });
    expect(bench.held?.decision).toEqual({ ...drainedHere, turn: 2, reason: 'still' });
  });

  it('on what another daemon holds counts before the holder has taken it in', () => {
    const bench = new Bench();
    bench.elsewhere('b', entryOf({ rev: 3 }));
    bench.holder.decisions.decide(id, { draining: true, reason: 'deploy' });
    expect(bench.online).toEqual(entryOf({ rev: 3, decision: drainedHere }));
    expect([bench.held, bench.own.decided.get(id)]).toEqual([undefined, { life: 'life-1', decision: drainedHere }]);
  });

  it('is not undone by an update that its holder writes at the same time', () => {
    const bench = new Bench();
    bench.elsewhere('b', entryOf({ rev: 3 }));
    bench.holder.decisions.decide(id, { draining: true, reason: 'deploy' });
    bench.elsewhere('b', entryOf({ rev: 4, meta: { n: 1 } }));
    expect(bench.online).toEqual(entryOf({ rev: 4, meta: { n: 1 }, decision: drainedHere }));
    bench.pass(3000);
    expect(bench.online?.decision).toEqual(drainedHere);
  });

  it('that was made elsewhere is taken in by the holder, whose value stays', () => {
    const bench = new Bench();
    const { entry } = bench.register({ meta: { n: 1 } });
    bench.view.setDecided(runIdOf('b'), id, { life: entry.life, decision: drained });
    bench.holder.reconcile(id);
    expect(bench.held).toEqual({ ...entry, decision: drained });
    bench.view.setDecided(runIdOf('b'), id, {
      life: asLife('another life'),
      decision: { ...drained, turn: 2 },
    });
    bench.holder.reconcile(id);
    expect(bench.held?.decision).toEqual(drained);
  });

  it('counts again for a life that had lapsed here and is back without it', () => {
    const bench = new Bench();
    bench.elsewhere('b', entryOf());
    bench.holder.decisions.decide(id, { draining: true, reason: 'deploy' });
    bench.view.setLapsed(runIdOf('b'), id, true);
    bench.pass(10_000);
    expect(bench.online).toBeUndefined();
    bench.elsewhere('b', entryOf());
    expect(bench.online?.decision).toEqual(drainedHere);
  });

  it('is forgotten ten minutes after it was made for a life that is not seen again, and at once for one that was deleted', () => {
    const bench = new Bench();
    bench.elsewhere('b', entryOf());
    bench.holder.decisions.decide(id, { draining: true });
    bench.elsewhere('b', undefined);
    bench.time += 599_000;
    bench.pass(1);
    expect(bench.own.decided.size).toBe(1);
    bench.pass(1000);
    expect(bench.own.decided.size).toBe(0);

    bench.elsewhere('b', entryOf());
    bench.holder.decisions.decide(id, { draining: true });
    bench.releaseElsewhere('b', [asLife('life-1')]);
    bench.pass(1);
    expect(bench.own.decided.size).toBe(0);
  });

  it('is known from the other copies, and from the daemon that decided, when a daemon takes over', () => {
    for (const tell of [
      (bench: Bench) => (bench.elsewhere('b', entryOf({ rev: 2, decision: drained })).lost = true),
      (bench: Bench) => bench.view.setDecided(runIdOf('b'), id, { life: asLife('life-1'), decision: drained }),
    ]) {
      const bench = new Bench();
      bench.elsewhere('c', entryOf({ rev: 3 })).lost = true;
      tell(bench);
      bench.holder.renew(id);
      expect(bench.held).toEqual(entryOf({ rev: 3, decision: drained }));
    }
  });

  it('of a daemon that is lost is kept here, until a live holder of that life has taken it in', () => {
    const decided = { life: asLife('life-1'), decision: drained };
    const bench = new Bench();
    const b = bench.elsewhere('b', entryOf());
    bench.inherit(id, { ...decided, life: asLife('life-0') });
    expect(bench.own.decided.size).toBe(0);
    bench.inherit(id, decided);
    expect(bench.own.decided.get(id)).toEqual(decided);
    const { writes } = bench;
    bench.inherit(id, decided);
    expect(bench.writes).toBe(writes);
    const other = new Bench();
    other.elsewhere('b', entryOf({ decision: drained }));
    other.inherit(id, decided);
    expect(other.own.decided.size).toBe(0);
    other.membership.get(b.runId)!.lost = true;
    other.inherit(id, decided);
    expect(other.own.decided.size).toBe(1);
  });
});
