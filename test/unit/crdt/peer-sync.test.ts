import type { Document } from '../../../src/crdt/document.js';
import type { PeerSync } from '../../../src/crdt/peer-sync.js';
import type { SyncMessage } from '../../../src/crdt/sync-message.js';
import { bytesOf, exchange, Replica, settle, shared } from '../../helpers/replicas.js';
import { asName, newDocument } from '../../helpers/samples.js';
import { dice } from '../../helpers/world.js';

const MiB = 1024 * 1024;

/** Text that hardly compresses: it repeats itself only beyond the reach of the compressor. */
const block = ((): string => {
  const roll = dice(1);
  return Array.from({ length: 50_000 }, () => String.fromCharCode(33 + Math.floor(roll() * 90))).join('');
})();

/** What a replica has of a document. */
function contentOf(replica: Replica, name: string): Record<string, string | undefined> {
  const reader = newDocument();
  const content = reader.merge(replica.get(name)!.changesSince([]));
  reader.free();
  return Object.fromEntries(content.map(({ key, value }) => [key, value]));
}

describe('two replicas', () => {
  it('have equal documents after two exchanges, and are quiet', () => {
    const [a, b] = [new Replica('a'), new Replica('b')];
    a.write('a', 'key', 'of a');
    b.write('b', 'key', 'of b');
    expect(settle([[a, b]])).toBeLessThanOrEqual(2);
    expect(contentOf(b, 'a')).toMatchObject({ key: 'of a' });
    expect(contentOf(a, 'b')).toMatchObject({ key: 'of b' });
    exchange(a, b);
    expect([a.syncWith(b).quiet, b.syncWith(a).quiet]).toEqual([true, true]);
    expect(a.syncWith(b).complete).toBe(true);
  });

  it('bring a change across in one exchange, once they have met', () => {
    const [a, b] = [new Replica('a'), new Replica('b')];
    a.write('a', 'key', '1');
    settle([[a, b]]);
    exchange(a, b);
    a.write('a', 'key', 'first');
    for (let round = 0; round < 2; round++) exchange(a, b, false);
    a.write('a', 'key', '2');
    const [request, answer] = exchange(a, b, false);
    expect(request.changes?.map(([name, changes]) => [name, changes.length])).toEqual([['a', 1]]);
    expect(answer.changes).toBeUndefined();
    expect(contentOf(b, 'a')).toMatchObject({ key: '2' });
    expect(a.syncWith(b).theirs(asName('a'))).toEqual(a.get('a')!.heads);
  });

  it('say nothing but a digest where nothing differs', () => {
    const [a, b] = [new Replica('a'), new Replica('b')];
    a.write('a', 'key', '1');
    settle([[a, b]]);
    exchange(a, b);
    expect(exchange(a, b)).toEqual([{ digest: a.digest() }, { digest: b.digest() }]);
  });

  it('are complete only when all that was listed has come', () => {
    const [a, b] = [new Replica('a'), new Replica('b')];
    b.write('b', 'key', '1');
    expect(a.syncWith(b).complete).toBe(false);
    exchange(a, b);
    expect(a.syncWith(b).complete).toBe(false);
    exchange(a, b, false);
    expect(a.syncWith(b).complete).toBe(true);
  });

  it('end with the same one of two concurrent values', () => {
    const [a, b] = [new Replica('a'), new Replica('b')];
    a.write(shared, 'key', 'from a');
    b.write(shared, 'key', 'from b');
    settle([[a, b]]);
    expect(contentOf(a, shared)).toEqual(contentOf(b, shared));
    expect(a.discarded.concat(b.discarded)).toEqual([]);
  });

  it('make up for a lost request, a lost answer and one that came twice', () => {
    const [a, b] = [new Replica('a'), new Replica('b')];
    settle([[a, b]]);
    const [mine, yours] = [a.syncWith(b), b.syncWith(a)];
    a.write('a', 'key', '1');
    mine.request(false); // lost on its way
    mine.failed();
    a.write('a', 'key', '2');
    const request = mine.request(false);
    yours.answer(request); // arrived, and its answer got lost
    mine.failed();
    yours.answer(request);
    settle([[a, b]]);
    expect(contentOf(b, 'a')).toMatchObject({ key: '2' });
    expect(b.discarded).toEqual([]);
  });

  it('that met before and start anew on one side only come to terms', () => {
    const [a, b] = [new Replica('a'), new Replica('b')];
    a.write('a', 'key', '1');
    settle([[a, b]]);
    const [restarted, c] = [new Replica('a2'), b];
    settle([[restarted, c]]);
    c.syncs.delete(restarted);
    restarted.write('a2', 'key', '1');
    c.write('b', 'key', '2');
    settle([[restarted, c]]);
    expect(contentOf(restarted, 'b')).toMatchObject({ key: '2' });
  });

  it('only name a document that the other will not have', () => {
    const [a, b] = [new Replica('a'), new Replica('b')];
    a.write('a', 'key', block);
    b.unwanted.add('a');
    for (let round = 0; round < 10; round++) {
      const sent = [...exchange(a, b), ...exchange(b, a)].filter(({ changes }) =>
        changes?.some(([name]) => name === 'a'),
      );
      expect(sent).toEqual([]);
      exchange(a, b, false);
      expect([a.syncWith(b).quiet, b.syncWith(a).quiet]).toEqual([true, true]);
    }
    expect(b.get('a')).toBeUndefined();
  });

  it('only name a document that one of them has given up', () => {
    const [a, b] = [new Replica('a'), new Replica('b')];
    a.write('a', 'key', block);
    settle([[a, b]]);
    exchange(a, b);
    b.unwanted.add('a');
    b.documents.delete('a');
    for (let round = 0; round < 10; round++) {
      const sent = [...exchange(a, b), ...exchange(b, a)].filter(({ changes }) =>
        changes?.some(([name]) => name === 'a'),
      );
      expect(sent).toEqual([]);
      exchange(a, b, false);
      expect([a.syncWith(b).quiet, b.syncWith(a).quiet]).toEqual([true, true]);
    }
  });

  it('take in a document after all that one of them did not want before', () => {
    const [a, b] = [new Replica('a'), new Replica('b')];
    b.unwanted.add('a');
    for (let round = 0; round < 4; round++) exchange(a, b);
    b.unwanted.delete('a');
    settle([[b, a]], 4);
    a.write('a', 'key', 'later');
    settle([[a, b]], 4);
    expect(contentOf(b, 'a').key).toBe('later');
  });
});

describe('three replicas in a row', () => {
  it('pass on what the outer two write', () => {
    const [a, b, c] = [new Replica('a'), new Replica('b'), new Replica('c')];
    a.write('a', 'key', '1');
    c.write('c', 'key', '2');
    a.write(shared, 'key', 'a');
    c.write(shared, 'key', 'c');
    settle([
      [a, b],
      [b, c],
    ]);
    expect(contentOf(c, 'a')).toMatchObject({ key: '1' });
    expect(contentOf(a, 'c')).toMatchObject({ key: '2' });
    expect(contentOf(a, shared)).toEqual(contentOf(c, shared));
  });
});

describe('a large transfer', () => {
  /** The largest change that is written below, with room for its frame. */
  const change = 110_000;

  function write(replica: Replica, name: string, count: number): void {
    for (let index = 0; index < count; index++)
      replica.write(name, `${replica.own}/${index}`, `${index}${block}${block}`);
  }

  it('goes in pieces of about 1 MiB', () => {
    const [a, b] = [new Replica('a'), new Replica('b')];
    write(a, 'a', 45);
    const sizes: number[] = [];
    for (let round = 0; round < 40 && a.digest() !== b.digest(); round++)
      sizes.push(...exchange(b, a, round === 0).map(bytesOf));
    expect(b.get('a')!.heads).toEqual(a.get('a')!.heads);
    expect(Math.max(...sizes)).toBeLessThan(MiB + change);
    expect(sizes.filter((size) => size > 0).length).toBeGreaterThanOrEqual(3);
  });

  it('goes on without being asked', () => {
    const [a, b] = [new Replica('a'), new Replica('b')];
    write(a, 'a', 45);
    exchange(b, a);
    expect(exchange(b, a, false).map(bytesOf)[1]).toBeGreaterThan(change);
    expect(a.syncWith(b).quiet).toBe(false);
    expect(bytesOf(a.syncWith(b).request(false))).toBeGreaterThan(change);
  });

  it('ends when both sides have more than a piece that the other lacks', () => {
    const [a, b] = [new Replica('a'), new Replica('b')];
    settle([[a, b]]);
    write(a, shared, 25);
    write(b, shared, 25);
    settle([[a, b]], 40);
    expect(Object.keys(contentOf(a, shared))).toHaveLength(50);
    expect(a.discarded.concat(b.discarded)).toEqual([]);
  });

  it('asks for the history once, however many pieces it goes in', () => {
    const [a, b] = [new Replica('a'), new Replica('b')];
    write(a, 'a', 45);
    const document = a.get('a')!;
    const asked = countHistories(document);
    for (let round = 0; round < 40 && a.digest() !== b.digest(); round++) exchange(b, a, round === 0);
    expect(b.get('a')!.heads).toEqual(document.heads);
    expect(asked()).toBe(1);
  });

  /** Two that write at the same time, so that the history has many branches. */
  function branched(rounds: number): [Replica, Replica] {
    const [a, b] = [new Replica('a'), new Replica('b')];
    settle([[a, b]]);
    for (let round = 0; round < rounds; round++) {
      for (const one of [a, b]) for (const key of ['x', 'y']) one.write(shared, `${key}${one.own}`, `${round}`);
      exchange(a, b, false);
      exchange(b, a, false);
    }
    settle([[a, b]]);
    return [a, b];
  }

  const countHistories = (document: Document): (() => number) => {
    const history = document.changesSince.bind(document);
    let asked = 0;
    document.changesSince = (heads) => {
      asked++;
      return history(heads);
    };
    return () => asked;
  };

  it('of many small changes goes in pieces too, asks for the history once and sends nothing back', () => {
    const [a] = branched(400);
    const joiner = new Replica('c');
    const asked = countHistories(a.get(shared)!);
    const messages: SyncMessage[] = [];
    for (let round = 0; round < 20 && joiner.digest() !== a.digest(); round++)
      messages.push(...exchange(joiner, a, round === 0));
    expect(joiner.get(shared)!.heads).toEqual(a.get(shared)!.heads);
    const counts = messages.map(({ changes = [] }) => changes.flatMap(([, each]) => each).length);
    expect(Math.max(...counts)).toBeLessThanOrEqual(500);
    const sentBack = messages.filter(
      ({ changes }, index) => index % 2 === 0 && changes?.some(([name]) => name === shared),
    );
    expect(sentBack).toEqual([]);
    expect(asked()).toBe(1);
  });

  it('repeats a piece whose answer was lost without asking for the history again', () => {
    const [a, joiner] = [new Replica('a'), new Replica('c')];
    write(a, 'a', 15);
    exchange(joiner, a);
    const asked = countHistories(a.get('a')!);
    for (let time = 0; time < 3; time++) {
      a.syncWith(joiner).answer(joiner.syncWith(a).request(false));
      joiner.syncWith(a).failed();
    }
    settle([[joiner, a]], 12);
    expect(asked()).toBe(1);
    expect(joiner.discarded).toEqual([]);
  });

  it('lets others by', () => {
    const [a, joiner] = [new Replica('a'), new Replica('c')];
    a.write('a', 'key', '1');
    write(a, shared, 45);
    for (let round = 0; round < 3; round++) exchange(joiner, a, round === 0);
    expect(contentOf(joiner, 'a')).toMatchObject({ key: '1' });
    expect(joiner.syncWith(a).complete).toBe(false);
  });

  it('of many documents gives none of them up that waits for its turn', () => {
    const [a, joiner] = [new Replica('a'), new Replica('c')];
    for (let number = 0; number < 12; number++) {
      a.documents.set(`${number}`, newDocument());
      write(a, `${number}`, 7);
    }
    settle([[joiner, a]], 80);
    expect(joiner.discarded).toEqual([]);
  });

  it('ends though the source writes on', () => {
    const [a, b] = [new Replica('a'), new Replica('b')];
    write(a, 'a', 30);
    for (let round = 0; round < 6; round++) {
      exchange(b, a);
      a.write('a', 'late', `${round}`);
    }
    settle([[b, a]], 20);
    expect(b.discarded).toEqual([]);
  });
});

describe('a replica that leads nowhere', () => {
  it('is dropped after a few exchanges that bring nothing, and fetched anew', () => {
    const [a, b] = [new Replica('a'), new Replica('b')];
    // What b has of a is of another history, whichever peer told it so.
    b.documents.set('a', newDocument());
    b.write('a', 'key', 'forged');
    a.write('a', 'key', '1');
    settle([[a, b]], 12);
    expect(b.discarded).toEqual(['a']);
    expect(contentOf(b, 'a')).toEqual({ daemon: 'a', key: '1' });
  });

  it('is not taken for all there is when the peer has another one by now', () => {
    const [a, b] = [new Replica('a'), new Replica('b')];
    exchange(b, a);
    a.documents.delete('a');
    a.documents.set('its successor', newDocument());
    a.write('its successor', 'key', '1');
    for (let round = 0; round < 10; round++) {
      exchange(b, a, false);
      expect(b.syncWith(a).complete).toBe(false);
    }
    for (const digest of [true, false]) exchange(b, a, digest);
    expect(b.syncWith(a).complete).toBe(true);
    expect(contentOf(b, 'its successor')).toMatchObject({ key: '1' });
  });

  it('is fetched anew when the bytes for it are garbage, and costs nothing else', () => {
    const [a, b] = [new Replica('a'), new Replica('b')];
    a.write('a', 'key', '1');
    a.write(shared, 'key', '1');
    settle([[a, b]]);
    const answer = b.syncWith(a).answer({ changes: [[asName('a'), [new Uint8Array([1, 2, 3])]]] });
    expect(b.discarded).toEqual(['a']);
    a.syncWith(b).accept(answer);
    settle([[a, b]], 3);
    expect(contentOf(b, 'a')).toMatchObject({ key: '1' });
    expect(contentOf(b, shared)).toMatchObject({ key: '1' });
  });
});

describe('under loss, repetition and disorder', () => {
  interface Request {
    from: Replica;
    to: Replica;
    message: SyncMessage;
  }

  /**
   * Replicas that write and exchange at random. As over HTTP, one request of a side to a peer is under way at a time,
   * and only its answer is heard; but a request that was given up may arrive all the same, and late, and more than
   * once.
   */
  function storm(seed: number, count: number, steps: number): Replica[] {
    const roll = dice(seed);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(roll() * list.length)]!;
    const replicas = ['a', 'b', 'c'].slice(0, count).map((name) => new Replica(name));
    for (const replica of replicas)
      replica.onMerged = (name) => {
        for (const sync of replica.syncs.values()) sync.changed(asName(name));
      };
    const waiting = new Map<PeerSync, Request>();
    const late: Request[] = [];
    const giveUp = (request: Request): void => {
      const sync = request.from.syncWith(request.to);
      waiting.delete(sync);
      sync.failed();
      late.push(request);
    };
    const begin = (from: Replica, to: Replica): void => {
      const sync = from.syncWith(to);
      if (!waiting.has(sync)) waiting.set(sync, { from, to, message: sync.request(roll() < 0.3) });
    };
    const arrive = (request: Request): void => {
      const sync = request.from.syncWith(request.to);
      const answer = request.to.syncWith(request.from).answer(request.message);
      if (roll() < 0.1) late.push(request);
      if (roll() < 0.2) return giveUp(request);
      sync.accept(answer);
      waiting.delete(sync);
    };
    for (let step = 0; step < steps; step++) {
      const [replica, what] = [pick(replicas), roll()];
      if (what < 0.25) {
        const value = roll() < 0.2 ? undefined : `${step}`;
        replica.write(roll() < 0.5 ? shared : replica.own, pick(['x', 'y', 'z']), value);
      } else if (what < 0.5) {
        begin(replica, pick(replicas.filter((one) => one !== replica)));
      } else if (what < 0.6 && late.length > 0) {
        const { from, to, message } = pick(late);
        to.syncWith(from).answer(message);
      } else if (waiting.size > 0) {
        const request = pick([...waiting.values()]);
        if (roll() < 0.2) giveUp(request);
        else arrive(request);
      }
    }
    for (const request of waiting.values()) request.from.syncWith(request.to).failed();
    return replicas;
  }

  it.each([
    [2, 150],
    [3, 60],
  ])('%i replicas always end equal, and discard nothing', (count, seeds) => {
    for (let seed = 1; seed <= seeds; seed++) {
      const replicas = storm(seed, count, 150);
      const pairs = replicas.slice(1).map((one, index) => [replicas[index]!, one] as const);
      settle(pairs, 12, `seed ${seed}:`);
      for (const name of replicas[0]!.names())
        for (const replica of replicas)
          expect([seed, contentOf(replica, name)]).toEqual([seed, contentOf(replicas[0]!, name)]);
      expect([seed, replicas.flatMap(({ discarded }) => discarded)]).toEqual([seed, []]);
      // Hundreds of documents between two turns of the event loop: the garbage collector does not get at them.
      for (const replica of replicas) for (const document of replica.documents.values()) document.free();
    }
  });
});
