import * as fc from 'fast-check';
import { type Entry, readEntry, sameEntry, sameMeta, sameValue, toStored } from '../../../src/crdt/entry.js';
import { type Decision, laterDecision } from '../../../src/crdt/decision.js';
import { completeCheck } from '../../../src/model/check.js';
import { limits } from '../../../src/model/limits.js';
import { entryOf } from '../../helpers/samples.js';

/** As it comes back from a note. */
const stored = (entry: Entry): unknown => JSON.parse(JSON.stringify(toStored(entry)));

const name = fc.string({ minLength: 1, maxLength: 64 });
const key = fc.stringMatching(/^[a-z]{1,8}$/).filter((text) => text !== 'prototype' && text !== 'constructor');
const entries: fc.Arbitrary<Entry> = fc
  .record(
    {
      life: name,
      rev: fc.integer({ min: 1, max: limits.rev }),
      ttl: fc.integer({ min: limits.ttlMin, max: limits.ttlMax }),
      meta: fc.dictionary(key, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4, noNullPrototype: true }),
      decision: fc.record(
        {
          turn: fc.integer({ min: 1 }),
          draining: fc.boolean(),
          reason: fc.string({ maxLength: limits.reason }),
          id: name,
          end: fc.record({ left: fc.integer({ min: 0, max: limits.drainFor.max }), until: fc.integer() }),
        },
        { requiredKeys: ['turn', 'draining'] },
      ),
      registered: fc.nat(),
      instance: name,
    },
    { requiredKeys: ['life', 'rev', 'ttl', 'meta', 'registered'] },
  )
  // -0 is no JSON.
  .map((entry) => JSON.parse(JSON.stringify(entry)) as Entry);

describe('an entry', () => {
  it('is read as it was stored', () => {
    fc.assert(fc.property(entries, (entry) => expect(readEntry(stored(entry))).toEqual(entry)));
  });

  it('leaves out what has its usual value', () => {
    expect(Object.keys(toStored(entryOf()))).toEqual(['life', 'rev', 'ttl', 'registered']);
  });

  it('loses the end of a drain that cannot be read, and nothing else', () => {
    const decision = { turn: 1, draining: true, id: 'a' };
    for (const end of [7, { left: -1, until: 1 }, { left: limits.drainFor.max + 1, until: 1 }, { left: 1 }])
      expect(readEntry({ ...toStored(entryOf()), decision: { ...decision, end } })).toEqual(entryOf({ decision }));
  });

  const good = toStored(entryOf()) as Record<string, unknown>;
  it.each([
    ['no object', 'text'],
    ['null', null],
    ['nothing', undefined],
    ['without a life', { ...good, life: '' }],
    ['a life without end', { ...good, life: 'x'.repeat(65) }],
    ['a rev of 0', { ...good, rev: 0 }],
    ['a rev that nobody reaches', { ...good, rev: 2 ** 40 + 1 }],
    ['a rev of text', { ...good, rev: '1' }],
    ['a TTL below the least', { ...good, ttl: limits.ttlMin - 1 }],
    ['a TTL above the most', { ...good, ttl: limits.ttlMax + 1 }],
    ['no registered', { ...good, registered: undefined }],
    ['meta that is a text', { ...good, meta: 'x' }],
    ['meta that is an array', { ...good, meta: [1] }],
    ['meta above its limit', { ...good, meta: { text: 'x'.repeat(limits.metaBytes) } }],
    ['a decision of no turn', { ...good, decision: { draining: true } }],
    ['a decision that is no boolean', { ...good, decision: { turn: 1, draining: 1 } }],
    ['a decision whose id is no text', { ...good, decision: { turn: 1, draining: true, id: 1 } }],
    ['a reason that a terminal obeys', { ...good, decision: { turn: 1, draining: true, reason: '\u001b[2J' } }],
    ['a reason in another direction', { ...good, decision: { turn: 1, draining: true, reason: 'a\u202eb' } }],
    ['an instance that a terminal obeys', { ...good, instance: 'a\u001b[2J' }],
    ['what a terminal obeys of its health', { ...good, unhealthy: 'a\nb' }],
    ['a reason without end', { ...good, decision: { turn: 1, draining: true, reason: 'x'.repeat(257) } }],
    ['an instance that is no name', { ...good, instance: 'x'.repeat(limits.name + 1) }],
    // JSON.parse follows any depth, JSON.stringify does not: the daemon that answers it would fail.
    [
      'meta of more levels than a client may send',
      { ...good, meta: JSON.parse(`{"a":${'['.repeat(16)}${']'.repeat(16)}}`) as unknown },
    ],
    [
      'meta nested too deeply',
      { ...good, meta: JSON.parse(`{"a":${'['.repeat(7000)}${']'.repeat(7000)}}`) as unknown },
    ],
  ])('is not made of %s', (_, value) => {
    expect(readEntry(value)).toBeUndefined();
  });

  it('has its check, with defaults for what is missing', () => {
    const check = completeCheck({ http: '/healthz' });
    expect(readEntry(toStored(entryOf({ check })))).toEqual(entryOf({ check }));
    expect(readEntry({ ...good, check: { http: '/healthz', ofLater: 1 } })).toEqual(entryOf({ check }));
    expect(toStored(entryOf({ check: null }))).toEqual(good);
  });

  it.each([
    ['of a kind that is unknown here', { grpc: 'x' }],
    ['of two kinds', { http: '/', tcp: true }],
    ['with a path that adds a line', { http: '/\r\nHost: other' }],
    ['with a path that is a URL', { http: 'http://169.254.169.254/' }],
    ['without an interval to speak of', { tcp: true, interval: 1 }],
    ['that is no object', 'tcp'],
  ])('has no check %s', (_, check) => {
    expect(readEntry({ ...good, check })).toEqual(entryOf());
  });

  it('ignores fields that it does not know', () => {
    expect(readEntry({ ...good, later: 1 })).toEqual(entryOf());
  });
});

describe('two entries', () => {
  it('say the same whatever the order of their metadata, at any depth', () => {
    expect(sameMeta({ a: 1, b: { c: [1, 2], d: null } }, { b: { d: null, c: [1, 2] }, a: 1 })).toBe(true);
    expect(sameMeta({ a: [1, 2] }, { a: [2, 1] })).toBe(false);
    expect(sameMeta({ a: 1 }, { a: '1' })).toBe(false);
    expect(sameMeta({}, { a: null })).toBe(false);
  });

  it('can be compared however deeply their metadata is nested', () => {
    // What a client may send is followed by JSON.stringify with a replacer only where the stack is empty.
    const deep = (leaf: string) =>
      JSON.parse(`{"a":${'['.repeat(3000)}"${leaf}"${']'.repeat(3000)}}`) as Record<string, unknown>;
    expect(sameMeta(deep('x'), deep('x'))).toBe(true);
    expect(sameMeta(deep('x'), deep('y'))).toBe(false);
  });

  it('say the same in another life and rev, and not with another value', () => {
    expect(sameValue(entryOf(), entryOf({ life: 'other', rev: 9 }))).toBe(true);
    const others: Partial<Entry>[] = [
      { ttl: 5000 },
      { meta: { a: 1 } },
      { decision: { turn: 1, draining: true } },
      { decision: { turn: 1, draining: true, end: { left: 1000, until: 5 } } },
      { registered: 1 },
      { instance: 'i' },
    ];
    for (const fields of others) expect(sameValue(entryOf(), entryOf(fields))).toBe(false);
  });

  it('are the same with the same decision only, though several may say the same', () => {
    const [first, third] = [1, 3].map((turn) => entryOf({ decision: { turn, draining: true } }));
    expect(sameValue(first!, third!)).toBe(true);
    expect(sameEntry(first!, third!)).toBe(false);
    expect(sameEntry(first!, { ...first! })).toBe(true);
  });

  it('say the same whatever was said of a drain that is over, and however much of its time was left', () => {
    expect(sameValue(entryOf(), entryOf({ decision: { turn: 1, draining: false, reason: 'done' } }))).toBe(true);
    const [early, late] = [9000, 1000].map((left) =>
      entryOf({ decision: { turn: 1, draining: true, id: 'x', end: { left, until: 7 } } }),
    );
    expect(sameEntry(early!, late!)).toBe(true);
  });
});

describe('of two decisions', () => {
  const drain = { turn: 1, draining: true, id: 'a' };
  const end = { left: 1000, until: 5 };
  it.each<[string, Decision, Decision | undefined]>([
    ['the one of the higher turn', { turn: 2, draining: false }, { turn: 1, draining: true }],
    ['any against none', { turn: 1, draining: false }, undefined],
    ['of one turn the one to drain', { turn: 1, draining: true }, { turn: 1, draining: false, reason: 'z' }],
    ['then the greater reason', { turn: 1, draining: true, reason: 'b' }, { turn: 1, draining: true, reason: 'a' }],
    ['then the one that has no end', drain, { ...drain, id: 'b', end }],
    ['then the greater id', { ...drain, id: 'b', end }, { ...drain, end: { left: 1, until: 9 } }],
    ['the original, not a copy without id and end', { ...drain, end }, { turn: 1, draining: true }],
    ['of two copies, the one that was written last', { ...drain, end }, { ...drain, end: { ...end, left: 1001 } }],
  ])('%s is the later one, in either order', (_, later, earlier) => {
    expect(laterDecision(later, earlier)).toEqual(later);
    expect(laterDecision(earlier, later)).toEqual(later);
  });
});
