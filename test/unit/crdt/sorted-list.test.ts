import * as fc from 'fast-check';
import { SortedList } from '../../../src/crdt/sorted-list.js';

describe('a sorted list', () => {
  it('is what sorting would give, whatever comes and goes', () => {
    const step = fc.record({ key: fc.integer({ min: 0, max: 60 }), comes: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const list = new SortedList<string>((key) => key);
        const plain = new Set<string>();
        for (const { key, comes } of steps) {
          const text = `key/${key}`;
          if (!comes) list.delete(text);
          else if (!plain.has(text)) list.add(text);
          if (comes) plain.add(text);
          else plain.delete(text);
          expect(list.toArray()).toEqual([...plain].sort());
          expect(list.size).toBe(plain.size);
        }
      }),
    );
  });

  it('keeps its order over the blocks of many items, in whatever order they come', () => {
    const count = 10_000;
    const keys = Array.from({ length: count }, (_, index) => String((index * 7919) % count).padStart(5, '0'));
    const list = new SortedList<string>((key) => key);
    for (const key of keys) list.add(key);
    const sorted = keys.slice().sort();
    expect(list.toArray()).toEqual(sorted);
    for (const key of keys.filter((_, index) => index % 3 > 0)) list.delete(key);
    const kept = new Set(keys.filter((_, index) => index % 3 === 0));
    expect(list.toArray()).toEqual(sorted.filter((key) => kept.has(key)));
    for (const key of kept) list.delete(key);
    expect(list.toArray()).toEqual([]);
    list.add('again');
    expect(list.toArray()).toEqual(['again']);
  });
});
