import type { Entry } from '../../../../../src/crdt/entry.js';
import type { Release } from '../../../../../src/crdt/holdings.js';
import type { OwnHoldings } from '../../../../../src/crdt/own-holdings.js';
import { View } from '../../../../../src/crdt/view.js';
import { type Incarnation, Membership } from '../../../../../src/daemon/core/membership/membership.js';
import { Announcements } from '../../../../../src/daemon/core/view/announcements.js';
import { Orphans } from '../../../../../src/daemon/core/view/orphans.js';
import { RemoteHoldings } from '../../../../../src/daemon/core/view/remote-holdings.js';
import type { DaemonEvent } from '../../../../../src/model/events.js';
import { asLife, entryOf, holdingsOf, meetPublished, ownerOf } from '../../../../helpers/samples.js';
import { asId } from '../../../../../src/model/registration.js';

const id = asId('web/1.0.0/10.0.0.1/8080');
const peerTimeoutMs = 2000;

/** A daemon that observes; what it hears is told to it by hand. */
class Bench {
  time = 0;
  stale = false;
  readonly emitted: DaemonEvent[] = [];
  readonly dropped: Incarnation[] = [];
  readonly membership = new Membership(peerTimeoutMs);
  readonly view = new View();
  readonly #now = () => this.time;
  readonly #isStale = () => this.stale;
  readonly orphans = new Orphans(this.view, this.membership, this.#now, this.#isStale);
  readonly announcements = new Announcements(this.view, (event) => this.emitted.push(event), 4000);
  readonly remote = new RemoteHoldings({
    view: this.view,
    orphans: this.orphans,
    announcements: this.announcements,
    membership: this.membership,
    documents: { drop: (one) => void this.dropped.push(one) },
    peerTimeoutMs,
    defaultTtlMs: 4000,
    isStale: this.#isStale,
    now: this.#now,
  });

  /** What daemons that are lost had decided, as far as it has become known since it was asked last. */
  inherited(): [id: string, life: string][] {
    return this.remote.takeTouched().decisionsOfLost.map(([one, { life }]) => [one, life]);
  }

  /** A daemon publishes, holding this. */
  publish(name: string, entries: Record<string, Entry> = {}, fields = {}): Incarnation {
    const owner = ownerOf(name, fields);
    const incarnation = meetPublished(this.membership, owner, this.time);
    incarnation.holdings = holdingsOf(owner, entries);
    this.beat(incarnation);
    this.remote.take(incarnation, [
      { kind: 'owner', owner },
      ...Object.entries(entries).map(([one, entry]) => ({ kind: 'entry' as const, id: asId(one), entry })),
    ]);
    return incarnation;
  }

  change(incarnation: Incarnation, entry: Entry | undefined): void {
    const { holdings } = incarnation;
    incarnation.holdings = holdingsOf(holdings!.owner!, entry ? { [id]: entry } : {});
    this.remote.take(incarnation, [{ kind: 'entry', id, entry }]);
  }

  release(incarnation: Incarnation, release: Release | undefined): void {
    const own = holdingsOf(incarnation.holdings!.owner!, Object.fromEntries(incarnation.holdings!.entries));
    own.setReleased(id, release);
    incarnation.holdings = own;
    this.remote.take(incarnation, [{ kind: 'released', id, release }]);
  }

  beat(incarnation: Incarnation, age = 0): void {
    this.membership.hear([incarnation.runId, incarnation.counter + 1, age, -1], this.time);
  }

  /** Time passes in steps, with a look at everyone at each, as ticks do. */
  pass(ms: number): void {
    const until = this.time + ms;
    while (this.time < until) {
      this.time = Math.min(until, this.time + 100);
      this.remote.review(undefined);
      this.orphans.lapse();
    }
  }

  /** What a watcher is told of services from here on. */
  flush(): string[] {
    return this.view
      .flush()
      .map((transition) => transition.toEvent())
      .filter(({ registration }) => registration.app !== 'bender')
      .map((event) => event.type + ('reason' in event ? ` ${event.reason}` : ''));
  }
}

describe('an orphan', () => {
  it('counts for its TTL and 500 ms from the loss, and no longer', () => {
    const bench = new Bench();
    bench.publish('b', { [id]: entryOf({ ttl: 3000 }) });
    expect(bench.flush()).toEqual(['online']);
    bench.pass(peerTimeoutMs + 3499);
    expect(bench.flush()).toEqual([]);
    bench.pass(1);
    expect(bench.flush()).toEqual(['offline daemon-lost']);
  });

  it('lapses by the time of the loss, not by when that was noticed', () => {
    const bench = new Bench();
    bench.publish('b', { [id]: entryOf({ ttl: 3000 }) });
    bench.flush();
    bench.time = peerTimeoutMs + 3400;
    bench.remote.review(undefined);
    expect(bench.flush()).toEqual([]);
    bench.pass(100);
    expect(bench.flush()).toEqual(['offline daemon-lost']);
  });

  it('of a false suspicion that ends in time was never noticed', () => {
    const bench = new Bench();
    const b = bench.publish('b', { [id]: entryOf({ ttl: 3000 }) });
    bench.flush();
    bench.pass(peerTimeoutMs + 3400);
    expect(b.lost).toBe(true);
    bench.beat(b);
    bench.pass(peerTimeoutMs - 100);
    expect(b.lost).toBe(false);
    expect(bench.flush()).toEqual([]);
    expect(bench.orphans.size).toBe(0);
  });

  it('counts again when its holder is back after it has lapsed', () => {
    const bench = new Bench();
    const b = bench.publish('b', { [id]: entryOf({ ttl: 3000 }) });
    bench.flush();
    bench.pass(peerTimeoutMs + 3500);
    bench.flush();
    bench.beat(b);
    bench.pass(100);
    // Its holdings may say by now that it is gone: they get the time to arrive.
    expect(bench.flush()).toEqual([]);
    for (let turn = 0; turn < 10; turn++) {
      bench.beat(b);
      bench.pass(100);
    }
    expect(bench.flush()).toEqual(['online']);
  });

  it.each([
    ['counts again when its holder was heard elsewhere for much longer', 3000, ['online']],
    ['stays away where it would soon lapse once more', 1500, []],
  ])('%s', (_, heardAt, told) => {
    const bench = new Bench();
    const b = bench.publish('b', { [id]: entryOf({ ttl: 3000 }) });
    bench.flush();
    bench.pass(peerTimeoutMs + 3500);
    expect(bench.flush()).toEqual(['offline daemon-lost']);
    bench.beat(b, bench.time - heardAt);
    bench.pass(1200);
    expect(b.lostAt).toBe(heardAt + peerTimeoutMs);
    expect(bench.flush()).toEqual(told);
  });

  it('does not lapse if another daemon holds the id, too', () => {
    const bench = new Bench();
    bench.publish('b', { [id]: entryOf({ ttl: 3000 }) });
    const c = bench.publish('c', { [id]: entryOf({ ttl: 3000 }) });
    bench.flush();
    for (let turn = 0; turn < 10; turn++) {
      bench.beat(c);
      bench.pass(1000);
    }
    expect(bench.flush()).toEqual([]);
    expect(bench.view.winner(id)?.holder).toBe(c.runId);
  });

  it('of which its holder is heard to have been lost earlier lapses earlier', () => {
    const bench = new Bench();
    const b = bench.publish('b', { [id]: entryOf({ ttl: 10_000 }) });
    bench.flush();
    bench.pass(3000);
    bench.membership.hear([b.runId, b.counter, 4000, -1], bench.time);
    bench.pass(100);
    expect(b.lostAt).toBe(1000);
    bench.pass(1000 + 10_500 - bench.time - 1);
    expect(bench.flush()).toEqual([]);
    bench.pass(1);
    expect(bench.flush()).toEqual(['offline daemon-lost']);
  });

  it('that is heard of too late is never online', () => {
    const bench = new Bench();
    bench.time = 60_000;
    const b = ownerOf('b');
    bench.membership.hear([b.runId, 7, 6500, -1], bench.time);
    meetPublished(bench.membership, b);
    bench.remote.review(undefined);
    bench.change(bench.membership.get(b.runId)!, entryOf());
    expect(bench.flush()).toEqual([]);
    expect(bench.view.winner(id)).toBeUndefined();
  });

  it('with a long TTL counts for a joiner too, though its holder was lost long before', () => {
    const bench = new Bench();
    bench.time = 60_000;
    const b = ownerOf('b');
    bench.membership.hear([b.runId, 7, 30_000, -1], bench.time);
    bench.pass(200);
    meetPublished(bench.membership, b);
    bench.change(bench.membership.get(b.runId)!, entryOf({ ttl: 60_000 }));
    expect(bench.flush()).toEqual(['online']);
    bench.pass(2000);
    expect(bench.flush()).toEqual([]);
  });

  it('that is heard of in time counts for the rest of it', () => {
    const bench = new Bench();
    bench.time = 60_000;
    const b = ownerOf('b');
    bench.membership.hear([b.runId, 7, 5000, -1], bench.time);
    meetPublished(bench.membership, b);
    bench.remote.review(undefined);
    bench.change(bench.membership.get(b.runId)!, entryOf({ ttl: 4000 }));
    expect(bench.flush()).toEqual(['online']);
    bench.pass(1499);
    expect(bench.flush()).toEqual([]);
    bench.pass(1);
    expect(bench.flush()).toEqual(['offline daemon-lost']);
  });

  it('that its holder had given up is gone, and lapses no second time', () => {
    const bench = new Bench();
    const b = bench.publish('b', { [id]: entryOf() });
    bench.pass(peerTimeoutMs + 100);
    bench.flush();
    bench.change(b, undefined);
    expect(bench.flush()).toEqual(['offline expired']);
    bench.pass(20_000);
    expect(bench.flush()).toEqual([]);
    expect(bench.orphans.size).toBe(0);
  });

  it('of a daemon that leaves counts from then on', () => {
    const bench = new Bench();
    const b = bench.publish('b', { [id]: entryOf({ ttl: 3000 }) });
    bench.flush();
    bench.pass(1000);
    b.holdings = holdingsOf({ ...b.holdings!.owner!, leaving: true }, { [id]: entryOf({ ttl: 3000 }) });
    bench.beat(b);
    bench.pass(100);
    expect(b.lost).toBe(true);
    bench.pass(3400);
    expect(bench.flush()).toEqual([]);
    bench.pass(100);
    expect(bench.flush()).toEqual(['offline daemon-lost']);
  });

  it('does not lapse while this daemon may be the one that is cut off, and at once afterwards', () => {
    const bench = new Bench();
    bench.publish('b', { [id]: entryOf() });
    bench.flush();
    bench.stale = true;
    bench.pass(60_000);
    expect(bench.flush()).toEqual([]);
    expect(bench.dropped).toEqual([]);
    bench.stale = false;
    bench.pass(100);
    expect(bench.flush()).toEqual(['offline daemon-lost']);
  });
});

describe('a lost incarnation that others heard for longer', () => {
  it('does not bring back what has lapsed before its holdings can have arrived', () => {
    const bench = new Bench();
    const b = bench.publish('b', { [id]: entryOf({ ttl: 3000 }) });
    bench.flush();
    bench.pass(peerTimeoutMs + 3600);
    expect(bench.flush()).toEqual(['offline daemon-lost']);
    // A peer tells that it was heard until a moment ago; what it held then comes later.
    bench.beat(b, 1000);
    bench.pass(800);
    expect(bench.flush()).toEqual([]);
    bench.change(b, undefined);
    bench.pass(3000);
    expect(bench.flush()).toEqual([]);
  });

  it('brings it back when they have, as long as its time is not over', () => {
    const bench = new Bench();
    const b = bench.publish('b', { [id]: entryOf({ ttl: 3000 }) });
    bench.pass(peerTimeoutMs + 3600);
    bench.flush();
    bench.beat(b, peerTimeoutMs + 500);
    bench.pass(peerTimeoutMs / 2 + 100);
    expect(b.lost).toBe(true);
    expect(bench.flush()).toEqual(['online']);
    bench.pass(3000);
    expect(bench.flush()).toEqual(['offline daemon-lost']);
  });
});

describe('an orphan that another daemon released', () => {
  it('does not come online once more when the release is withdrawn, though this daemon is cut off and lapses nothing', () => {
    const bench = new Bench();
    const [b, c] = [bench.publish('b', { [id]: entryOf({ ttl: 3000 }) }), bench.publish('c')];
    bench.flush();
    bench.release(c, { lives: [entryOf().life], ttl: 3000 });
    expect(bench.flush()).toEqual(['offline deregistered']);
    bench.stale = true;
    bench.pass(60_000);
    expect(b.lost).toBe(true);
    bench.release(c, undefined);
    expect(bench.flush()).toEqual([]);
    bench.stale = false;
    bench.pass(100);
    expect(bench.flush()).toEqual([]);
  });
});

describe('a lost incarnation', () => {
  it('is forgotten, with all that it took, when nothing of it matters any more', () => {
    const bench = new Bench();
    const b = bench.publish('b', { [id]: entryOf({ ttl: 10_000 }) });
    bench.flush();
    bench.pass(peerTimeoutMs + 10_000 + peerTimeoutMs + 999);
    expect(bench.membership.get(b.runId)).toBe(b);
    bench.pass(1);
    expect(bench.membership.get(b.runId)).toBeUndefined();
    expect(bench.dropped).toEqual([b]);
    expect(bench.view.copies(id)).toEqual([]);
    expect([...bench.view.online.select({})]).toEqual([]);
  });

  it('releases what it had released for as long as a copy may be about', () => {
    const bench = new Bench();
    const b = bench.publish('b');
    bench.release(b, { lives: [asLife('life-1')], ttl: 10_000 });
    bench.pass(peerTimeoutMs + 10_000 + peerTimeoutMs + 999);
    expect(bench.view.isReleased(asLife('life-1'))).toBe(true);
    bench.pass(1);
    expect(bench.view.isReleased(asLife('life-1'))).toBe(false);
  });
});

describe('an id that changed elsewhere', () => {
  it('is named once, with every life that was released meanwhile, if only for a moment', () => {
    const bench = new Bench();
    const b = bench.publish('b', { [id]: entryOf() });
    bench.remote.takeTouched();
    bench.release(b, { lives: [asLife('life-1')], ttl: 4000 });
    bench.release(b, undefined);
    bench.change(b, entryOf({ rev: 2, life: 'life-2' }));
    expect([...bench.remote.takeTouched().ids]).toEqual([[id, new Set(['life-1'])]]);
    expect([...bench.remote.takeTouched().ids]).toEqual([]);
  });

  it('is not one of which only the time of an orphan is over', () => {
    const bench = new Bench();
    bench.publish('b', { [id]: entryOf() });
    bench.remote.takeTouched();
    bench.pass(peerTimeoutMs + 4000 + 500);
    expect(bench.view.winner(id)).toBeUndefined();
    expect([...bench.remote.takeTouched().ids]).toEqual([]);
  });
});

describe('a decision', () => {
  const decided = { life: asLife('life-1'), decision: { turn: 1, draining: true } };

  it('of a daemon is handed on when that is lost, or was before the decision arrived', () => {
    const bench = new Bench();
    const a = bench.publish('a');
    (a.holdings as OwnHoldings).setDecided(id, decided);
    bench.remote.take(a, [{ kind: 'decided', id, decided }]);
    expect(bench.inherited()).toEqual([]);
    bench.pass(2100);
    expect(bench.inherited()).toEqual([[id, 'life-1']]);
    bench.remote.take(a, [{ kind: 'decided', id, decided: { ...decided, life: asLife('life-2') } }]);
    expect(bench.inherited()).toEqual([[id, 'life-2']]);
  });
});

it('forgets an incarnation that is only hearsay', () => {
  const bench = new Bench();
  const { runId } = ownerOf('b');
  bench.membership.hear([runId, 7, 3_000_000, -1], 0);
  bench.pass(29_000);
  expect(bench.membership.isForgotten(runId)).toBe(false);
  bench.pass(1100);
  expect(bench.membership.isForgotten(runId)).toBe(true);
});

describe('releases', () => {
  it('of any daemon end a life at all of them', () => {
    const bench = new Bench();
    const [b, c] = [bench.publish('b', { [id]: entryOf() }), bench.publish('c', { [id]: entryOf() })];
    bench.flush();
    bench.release(c, { lives: [asLife('life-1')], ttl: 4000 });
    expect(bench.flush()).toEqual(['offline deregistered']);
    bench.change(b, entryOf({ rev: 9 }));
    expect(bench.flush()).toEqual([]);
    bench.change(b, entryOf({ rev: 10, life: 'life-2' }));
    expect(bench.flush()).toEqual(['online']);
    expect([...bench.remote.takeTouched().ids.keys()]).toContain(id);
  });
});

describe('a daemon', () => {
  const told = ({ emitted }: Bench) => emitted.map(({ type, daemon }) => `${type} ${daemon.name}`);
  const daemonIds = ({ view }: Bench) => view.online.select({ app: 'bender' }).map(([one]) => one);

  it('is found as a registration of its own while it is alive, and never as an orphan', () => {
    const bench = new Bench();
    const b = bench.publish('b');
    expect(daemonIds(bench)).toEqual(['bender/1.0.0/b.example/1729']);
    expect(told(bench)).toEqual(['daemon-online b']);
    bench.pass(peerTimeoutMs);
    expect(daemonIds(bench)).toEqual([]);
    expect(told(bench)).toEqual(['daemon-online b', 'daemon-offline b']);
    bench.beat(b);
    bench.pass(100);
    expect(daemonIds(bench)).toHaveLength(1);
    expect(told(bench)).toEqual(['daemon-online b', 'daemon-offline b', 'daemon-online b']);
  });

  it('stands there with the host and port of its URL, whatever kind of URL that is', () => {
    const bench = new Bench();
    bench.publish('b', {}, { url: 'https://b.example' });
    bench.publish('c', {}, { url: 'http://[::1]:8080' });
    bench.publish('d', {}, { url: 'http://10.0.0.4' });
    expect(daemonIds(bench)).toEqual([
      'bender/1.0.0/10.0.0.4/80',
      'bender/1.0.0/::1/8080',
      'bender/1.0.0/b.example/443',
    ]);
  });

  it('is announced once, although it names itself again', () => {
    const bench = new Bench();
    const b = bench.publish('b');
    bench.remote.take(b, [{ kind: 'owner', owner: b.holdings!.owner! }]);
    expect(told(bench)).toEqual(['daemon-online b']);
  });

  it('that starts anew at the same address is online again without a gap in its registration', () => {
    const bench = new Bench();
    bench.publish('b');
    bench.view.flush();
    bench.pass(1000);
    bench.publish('b', {}, { runId: 'b-run-2-00000000', generation: 2 });
    bench.pass(100);
    expect(bench.view.flush().filter(({ now }) => now === undefined)).toEqual([]);
    expect(daemonIds(bench)).toHaveLength(1);
    expect(told(bench)).toEqual(['daemon-online b', 'daemon-online b', 'daemon-offline b']);
  });
});
