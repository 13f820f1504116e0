import * as fc from 'fast-check';
import type { Document, KeyChange } from '../../../src/crdt/document.js';
import { newDocument } from '../../helpers/samples.js';

const byKey = (changes: KeyChange[]) => Object.fromEntries(changes.map(({ key, value }) => [key, value]));

function write(document: Document, values: Record<string, string | undefined>): Document {
  for (const [key, value] of Object.entries(values)) document.put(key, value);
  document.commit();
  return document;
}

/** A second replica with all that `document` has. */
function copyOf(document: Document): Document {
  const copy = newDocument();
  copy.merge(document.changesSince([]));
  return copy;
}

/** Brings two replicas to the same state; answers what was different for each. */
function join(a: Document, b: Document): [KeyChange[], KeyChange[]] {
  const [fromA, fromB] = [a.changesSince(b.heads), b.changesSince(a.heads)];
  return [a.merge(fromB), b.merge(fromA)];
}

/** What a document says, read by a replica that starts with nothing. */
const contentOf = (document: Document) => byKey(newDocument().merge(document.changesSince([])));

/** Keeps a picture of a document by what its merges answer. */
function follow(picture: Record<string, string>, changes: KeyChange[]): void {
  for (const { key, value } of changes)
    if (value === undefined) delete picture[key];
    else picture[key] = value;
}

describe('a document', () => {
  it('hands its values to a replica, and its deletions', () => {
    const document = write(newDocument(), { 'entry/a': 'one', 'entry/b': '' });
    const replica = newDocument();
    expect(byKey(replica.merge(document.changesSince([])))).toEqual({ 'entry/a': 'one', 'entry/b': '' });
    write(document, { 'entry/a': undefined });
    const [change] = replica.merge(document.changesSince(replica.heads));
    expect(change).toEqual({ key: 'entry/a', value: undefined });
    expect(replica.heads).toEqual(document.heads);
  });

  it('makes one change of what is put between two commits, and none of nothing', () => {
    const document = newDocument();
    expect(document.commit()).toBe(false);
    document.put('a', '1');
    document.put('b', '2');
    expect(document.heads).toEqual([]);
    expect(document.commit()).toBe(true);
    expect(document.commit()).toBe(false);
    expect(document.changesSince([])).toHaveLength(1);
  });

  it('names in its heads whatever it hands out, also before it is committed', () => {
    const document = write(newDocument(), { a: '1' });
    for (const look of [
      () => document.changesSince([]),
      () => document.knows(['00'.repeat(32)]),
      () => document.save(),
      () => document.merge([]),
    ]) {
      const before = document.heads;
      document.put('a', `after ${before.join()}`);
      look();
      expect(document.heads).not.toEqual(before);
      expect(newDocument().merge(document.changesSince([]))).toHaveLength(1);
      expect(copyOf(document).heads).toEqual(document.heads);
      expect(document.commit()).toBe(true);
      expect(document.commit()).toBe(false);
    }
  });

  it('does not answer its own writes as news of a later merge', () => {
    const a = write(newDocument(), { a: '1' });
    const b = copyOf(a);
    write(a, { mine: 'known already' });
    write(b, { yours: 'news' });
    expect(byKey(a.merge(b.changesSince(a.heads)))).toEqual({ yours: 'news' });
  });

  it('finds nothing new in changes that it has', () => {
    const a = write(newDocument(), { a: '1' });
    const b = copyOf(a);
    const { heads } = b;
    expect(b.merge(a.changesSince([]))).toEqual([]);
    expect(b.heads).toEqual(heads);
  });

  it('takes one side of two concurrent values whole, the same one whichever order they arrive in', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), fc.string(), (before, left, right, third) => {
        const a = write(newDocument(), { key: before });
        const [b, c] = [copyOf(a), copyOf(a)];
        write(a, { key: left });
        write(b, { key: right });
        write(c, { key: third });
        const all = [a, b, c].map((one) => one.changesSince([]));
        const orders = [
          [0, 1, 2],
          [0, 2, 1],
          [1, 0, 2],
          [1, 2, 0],
          [2, 0, 1],
          [2, 1, 0],
        ];
        const results = orders.map((order) => {
          const replica = newDocument();
          for (const index of order) replica.merge(all[index]!);
          return contentOf(replica).key;
        });
        expect(new Set(results).size).toBe(1);
        expect([left, right, third]).toContain(results[0]);
      }),
      { numRuns: 50 },
    );
  });

  it('shows both values of a conflict, and one again after the next write', () => {
    const a = write(newDocument(), { key: 'before' });
    const b = copyOf(a);
    write(a, { key: 'left' });
    write(b, { key: 'right' });
    join(a, b);
    expect([...a.concurrent('key')].sort()).toEqual(['left', 'right']);
    expect([...b.concurrent('key')].sort()).toEqual(['left', 'right']);
    write(a, { key: 'settled' });
    join(a, b);
    expect(b.concurrent('key')).toEqual(['settled']);
  });

  it('ends equal on two sides that write and join at any moments, and tells each what led there', () => {
    const keys = ['a', 'b', 'c'];
    type Step = 'join' | [side: number, key: string, value: string | null];
    const written = fc.tuple(fc.nat(1), fc.constantFrom(...keys), fc.option(fc.string({ maxLength: 3 })));
    const step: fc.Arbitrary<Step> = fc.oneof(
      { weight: 3, arbitrary: written },
      { weight: 1, arbitrary: fc.constant('join' as const) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const sides = [newDocument(), newDocument()] as const;
        const pictures: Record<string, string>[] = [{}, {}];
        const joinAll = (): void => join(...sides).forEach((changes, side) => follow(pictures[side]!, changes));
        for (const one of steps) {
          if (one === 'join') {
            joinAll();
            continue;
          }
          const [side, key, value] = one;
          write(sides[side as 0 | 1], { [key]: value ?? undefined });
          follow(pictures[side]!, [{ key, value: value ?? undefined }]);
        }
        joinAll();
        expect(sides[0].heads).toEqual(sides[1].heads);
        expect(pictures[0]).toEqual(pictures[1]);
        expect(pictures[0]).toEqual(contentOf(sides[0]));
        // The value that wins stands last among those in conflict.
        for (const key of keys) expect(sides[0].concurrent(key).at(-1)).toBe(pictures[0]![key]);
      }),
      { numRuns: 100 },
    );
  });

  it('tells the value that wins, where a conflict arrives in one piece', () => {
    const [a, b] = [newDocument(), newDocument()];
    write(a, { key: 'a1' });
    write(b, { key: 'b1' });
    write(a, { key: 'a2' });
    for (const changes of [
      [...b.changesSince([]), ...a.changesSince([])],
      [...a.changesSince([]), ...b.changesSince([])],
    ])
      expect(newDocument().merge(changes)).toEqual([{ key: 'key', value: 'a2' }]);
  });

  it('leaves out a change whose predecessor is missing, and takes both in their order', () => {
    const source = write(newDocument(), { a: '1' });
    write(source, { a: '2' });
    const [first, second] = source.changesSince([]);
    const replica = newDocument();
    expect(replica.merge([second!])).toEqual([]);
    expect(replica.merge([second!, first!])).toEqual([{ key: 'a', value: '1' }]);
    expect(replica.knows(source.heads)).toBe(false);
    expect(replica.merge([first!, second!])).toEqual([{ key: 'a', value: '2' }]);
    expect(replica.heads).toEqual(source.heads);
  });

  it('throws at bytes that are no change', () => {
    const [change] = write(newDocument(), { a: '1' }).changesSince([]);
    const damaged = change!.slice();
    damaged[damaged.length - 1]! ^= 0xff;
    expect(() => newDocument().merge([damaged])).toThrow();
    expect(() => newDocument().merge([new Uint8Array([1, 2, 3])])).toThrow();
  });
});

describe('heads', () => {
  it('are known to every replica that has what they name, and to no other', () => {
    const a = write(newDocument(), { a: '1' });
    const b = copyOf(a);
    const before = a.heads;
    write(a, { a: '2' });
    expect(a.knows(before)).toBe(true);
    expect(a.knows([])).toBe(true);
    expect(b.knows(a.heads)).toBe(false);
  });

  it('cover every state that the document went through before them', () => {
    const document = newDocument();
    const states = ['1', '2', '3'].map((value) => write(document, { a: value }).heads);
    expect(document.covers(states[2]!, states[0]!)).toBe(true);
    expect(document.covers(states[1]!, states[1]!)).toBe(true);
    expect(document.covers(states[0]!, states[1]!)).toBe(false);
    expect(document.covers([], states[0]!)).toBe(false);
    expect(document.covers(['f'.repeat(64)], states[0]!)).toBe(false);
  });

  it('do not cover what was written beside them', () => {
    const a = write(newDocument(), { a: '1' });
    const b = copyOf(a);
    write(a, { a: 'left' });
    write(b, { a: 'right' });
    expect(a.covers(b.heads, a.heads)).toBe(false);
  });

  it('that are not known here count as none', () => {
    const document = write(newDocument(), { a: '1' });
    write(document, { a: '2' });
    expect(document.changesSince(['f'.repeat(64)])).toHaveLength(2);
    expect(document.changesSince(document.heads)).toHaveLength(0);
  });
});
