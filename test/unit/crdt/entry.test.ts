import * as fc from 'fast-check';
import {
  decodeEntry,
  encodeEntry,
  type Entry,
  laterDecision,
  sameEntry,
  sameMeta,
  sameValue,
} from '../../../src/crdt/entry.js';
import { limits } from '../../../src/model/limits.js';
import { entryOf } from '../../helpers/samples.js';

const name = fc.string({ minLength: 1, maxLength: 64 });
const key = fc
  .stringMatching(/^[a-z]{1,8}$/)
  .filter((text) => text !== 'prototype' && text !== 'constructor');
const entries: fc.Arbitrary<Entry> = fc
  .record(
    {
      life: name,
      rev: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
      ttl: fc.integer({ min: limits.ttlMin, max: limits.ttlMax }),
      meta: fc.dictionary(key, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4, noNullPrototype: true }),
      decision: fc.record(
        {
          turn: fc.integer({ min: 1 }),
          draining: fc.boolean(),
          reason: fc.string({ maxLength: limits.reason }),
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
  it('comes out of its text as it went in', () => {
    fc.assert(fc.property(entries, (entry) => expect(decodeEntry(encodeEntry(entry))).toEqual(entry)));
  });

  it('leaves out of its text what has its usual value', () => {
    expect(Object.keys(JSON.parse(encodeEntry(entryOf())) as object)).toEqual([
      'life',
      'rev',
      'ttl',
      'registered',
    ]);
  });

  const good = JSON.parse(encodeEntry(entryOf())) as Record<string, unknown>;
  it.each([
    ['no JSON', '{'],
    ['no object', '"text"'],
    ['null', 'null'],
    ['without a life', JSON.stringify({ ...good, life: '' })],
    ['a life without end', JSON.stringify({ ...good, life: 'x'.repeat(65) })],
    ['a rev of 0', JSON.stringify({ ...good, rev: 0 })],
    ['a rev that is no safe number', JSON.stringify({ ...good, rev: 2 ** 53 })],
    ['a rev of text', JSON.stringify({ ...good, rev: '1' })],
    ['a TTL below the least', JSON.stringify({ ...good, ttl: limits.ttlMin - 1 })],
    ['a TTL above the most', JSON.stringify({ ...good, ttl: limits.ttlMax + 1 })],
    ['no registered', JSON.stringify({ ...good, registered: undefined })],
    ['meta that is a text', JSON.stringify({ ...good, meta: 'x' })],
    ['meta that is an array', JSON.stringify({ ...good, meta: [1] })],
    ['meta above its limit', JSON.stringify({ ...good, meta: { text: 'x'.repeat(limits.metaBytes) } })],
    ['a decision of no turn', JSON.stringify({ ...good, decision: { draining: true } })],
    ['a decision that is no boolean', JSON.stringify({ ...good, decision: { turn: 1, draining: 1 } })],
    [
      'a reason without end',
      JSON.stringify({ ...good, decision: { turn: 1, draining: true, reason: 'x'.repeat(257) } }),
    ],
    ['an instance that is no name', JSON.stringify({ ...good, instance: 'x'.repeat(limits.name + 1) })],
    // JSON.parse follows any depth, JSON.stringify does not: whoever answers it would fail.
    [
      'meta nested too deeply',
      `${JSON.stringify(good).slice(0, -1)},"meta":{"a":${'['.repeat(7000)}${']'.repeat(7000)}}}`,
    ],
  ])('is not made of %s', (_, text) => {
    expect(decodeEntry(text)).toBeUndefined();
  });

  it('ignores fields that it does not know', () => {
    expect(decodeEntry(JSON.stringify({ ...good, later: 1 }))).toEqual(entryOf());
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
      { decision: { turn: 1, draining: false, reason: 'done' } },
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
});

describe('of two decisions', () => {
  it.each([
    ['the one of the higher turn', { turn: 2, draining: false }, { turn: 1, draining: true }],
    ['any against none', { turn: 1, draining: false }, undefined],
    ['of one turn the one to drain', { turn: 1, draining: true }, { turn: 1, draining: false, reason: 'z' }],
    [
      'then the greater reason',
      { turn: 1, draining: true, reason: 'b' },
      { turn: 1, draining: true, reason: 'a' },
    ],
  ])('%s is the later one, whoever asks', (_, later, earlier) => {
    expect(laterDecision(later, earlier)).toEqual(later);
    expect(laterDecision(earlier, later)).toEqual(later);
  });
});
