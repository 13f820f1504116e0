import * as fc from 'fast-check';
import { type Item, notesOf, readNote } from '../../../src/crdt/notes.js';

const items: fc.Arbitrary<Item[]> = fc.array(
  fc.oneof(
    fc.tuple(fc.string(), fc.string()),
    fc.tuple(
      fc.string(),
      fc.string(),
      fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown),
    ),
  ),
);

describe('notes', () => {
  it('say all that was to be said, in its order', () => {
    fc.assert(fc.property(items, (said) => expect([...notesOf(said)].flatMap(readNote)).toEqual(said)));
  });

  it('are none of nothing', () => {
    expect([...notesOf([])]).toEqual([]);
  });

  it('are several where there is much to say, none much longer than its longest item', () => {
    const said = Array.from({ length: 1000 }, (_, index): Item => ['entry', `id-${index}`, 'x'.repeat(1000)]);
    const notes = [...notesOf(said)];
    expect(notes.flatMap(readNote)).toEqual(said);
    expect(Math.max(...notes.map(({ length }) => length))).toBeLessThan(70_000);
    expect(notes.length).toBeLessThan(20);
  });
});
