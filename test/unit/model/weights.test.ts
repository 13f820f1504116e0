import * as fc from 'fast-check';
import type { Split, Versions } from '../../../src/model/catalog.js';
import { targetMatcher } from '../../../src/model/targets.js';
import { pick, weigh } from '../../../src/model/weights.js';
import { registrationOf } from '../../helpers/catalog.js';

/** So many instances of each version, and so many more that drain. */
function instances(counts: Record<string, number>, draining: Record<string, number> = {}) {
  const of = (each: Record<string, number>, host: string, draining: boolean) =>
    Object.entries(each).flatMap(([version, count]) =>
      Array.from({ length: count }, (_, index) => registrationOf(`web/${version}/${host}/${index + 1}`, { draining })),
    );
  return [...of(counts, 'h', false), ...of(draining, 'd', true)];
}

/** The weights of each version's instances, without repetition. */
function weights(versions: Versions, registrations: ReturnType<typeof instances>) {
  const found: Record<string, number[]> = {};
  for (const { version, weight } of weigh(versions, registrations))
    found[version] = [...new Set([...(found[version] ?? []), weight])];
  return found;
}

it.each<[string, Split, Record<string, number>, Record<string, number[]>]>([
  ['one instance each', { a: 90, b: 10 }, { a: 1, b: 1 }, { a: [9], b: [1] }],
  ['as many as the weights say', { a: 90, b: 10 }, { a: 9, b: 1 }, { a: [1], b: [1] }],
  ['three and two', { a: 90, b: 10 }, { a: 3, b: 2 }, { a: [6], b: [1] }],
  ['seven and three', { a: 90, b: 10 }, { a: 7, b: 3 }, { a: [27], b: [7] }],
  ['a version that has none', { a: 90, b: 10 }, { b: 2 }, { b: [1] }],
  ['a version without a share', { a: 1, b: 0 }, { a: 2, b: 2 }, { a: [1], b: [0] }],
  ['only versions without a share', { a: 1, b: 0 }, { b: 2 }, { b: [0] }],
  ['more than a proxy takes', { a: 1000, b: 500, c: 1 }, { a: 1, b: 1, c: 1 }, { a: [256], b: [128], c: [1] }],
  ['many instances', { a: 1, b: 1 }, { a: 1000, b: 1 }, { a: [1], b: [256] }],
])('shares out by version, whatever the instances: %s', (_, split, counts, expected) => {
  expect(weights({ split }, instances(counts))).toEqual(expected);
});

describe('with instances that are not warm', () => {
  const warming = (versions: Versions, ids: string[], quarters: Record<string, number>, draining: string[] = []) =>
    weigh(
      versions,
      ids.map((id) => registrationOf(`web/${id}`, { draining: draining.includes(id) })),
      new Map(Object.entries(quarters).map(([id, count]) => [`web/${id}`, count])),
    ).map(({ weight }) => weight);

  it('gives them quarters of what the others get', () => {
    const ids = ['a/x/1', 'a/y/1', 'a/z/1'];
    expect(warming({ version: 'a' }, ids, { 'a/z/1': 1 })).toEqual([4, 4, 1]);
    expect(warming({ version: 'a' }, ids, { 'a/y/1': 3, 'a/z/1': 2 })).toEqual([4, 3, 2]);
    expect(warming({ version: 'a' }, ids, { 'a/z/1': 2 })).toEqual([2, 2, 1]);
  });

  it('makes no difference among equals', () => {
    for (const quarters of [1, 2, 3])
      expect(warming({ version: 'a' }, ['a/x/1', 'a/y/1'], { 'a/x/1': quarters, 'a/y/1': quarters })).toEqual([1, 1]);
  });

  it('keeps the shares of versions', () => {
    const split = { a: 90, b: 10 };
    const ids = ['a/x/1', 'a/y/1', 'b/x/2', 'b/y/2'];
    const weights = warming({ split }, ids, { 'a/y/1': 1, 'b/x/2': 2, 'b/y/2': 2 });
    expect(weights).toEqual([72, 18, 5, 5]);
    const [ofA, ofB] = [weights[0]! + weights[1]!, weights[2]! + weights[3]!];
    expect(ofA / ofB).toBe(9);
    expect(weights[0]! / weights[1]!).toBe(4);
    // A version that is all fresh has its share, too.
    expect(warming({ split }, ['a/x/1', 'b/x/2'], { 'a/x/1': 1 })).toEqual([9, 1]);
  });

  it('does not count what drains', () => {
    expect(warming({ version: 'a' }, ['a/x/1', 'a/y/1'], { 'a/x/1': 1 }, ['a/y/1'])).toEqual([1, 0]);
  });
});

it('gives what drains nothing, and its share to the others of its version', () => {
  expect(weights({ split: { a: 1, b: 1 } }, instances({ a: 1, b: 2 }, { a: 1 }))).toEqual({
    a: [2, 0],
    b: [1],
  });
  expect(weights({ version: 'a' }, instances({ a: 2 }, { a: 1 }))).toEqual({ a: [1, 0] });
});

it('weighs all alike without a split', () => {
  expect(weights({ version: '1.x' }, instances({ '1.0.0': 1, '1.1.0': 5 }))).toEqual({
    '1.0.0': [1],
    '1.1.0': [1],
  });
});

it('stands for exactly the versions of a split, and for all of a range', () => {
  const all = [...instances({ '1.0.0': 1, '1.1.0': 1 }), registrationOf('api/1.0.0/h/1')];
  const ids = (versions: Versions) => all.filter(targetMatcher({ app: 'web', ...versions })).map(({ id }) => id);
  expect(ids({ version: '1.x' })).toEqual(['web/1.0.0/h/1', 'web/1.1.0/h/1']);
  expect(ids({ split: { '1.x': 1, '1.1.0': 1 } })).toEqual(['web/1.1.0/h/1']);
});

it('gives each version its share, to half a 256th of the largest weight', () => {
  const versions = ['a', 'b', 'c', 'd'];
  const each = <T>(value: fc.Arbitrary<T>) => fc.tuple(value, value, value, value);
  fc.assert(
    fc.property(each(fc.integer({ min: 1, max: 1000 })), each(fc.integer({ min: 1, max: 40 })), (split, counts) => {
      const by = (numbers: number[]) =>
        Object.fromEntries(versions.map((version, index) => [version, numbers[index]!]));
      const found = weights({ split: by(split) }, instances(by(counts)));
      const exact = versions.map((_, index) => split[index]! / counts[index]!);
      const largest = Math.max(...Object.values(found).flat());
      expect(largest).toBeLessThanOrEqual(256);
      versions.forEach((version, index) => {
        const [weight, ...others] = found[version]!;
        expect(others).toEqual([]);
        expect(weight).toBeGreaterThanOrEqual(1);
        const wanted = Math.max(1, (exact[index]! / Math.max(...exact)) * largest);
        expect(Math.abs(weight! - wanted)).toBeLessThanOrEqual(0.5 + 1e-9);
      });
    }),
  );
});

it('picks each as often as its weight says, and never one of weight 0', () => {
  const weighted = [
    { name: 'a', weight: 1 },
    { name: 'none', weight: 0 },
    { name: 'b', weight: 3 },
  ];
  const picked = [0, 0.24, 0.25, 0.5, 0.99].map((random) => pick(weighted, random)?.name);
  expect(picked).toEqual(['a', 'a', 'b', 'b', 'b']);
  expect(pick([{ weight: 0 }], 0)).toBeUndefined();
  expect(pick([], 0.5)).toBeUndefined();
});
