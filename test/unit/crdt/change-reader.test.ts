import { decodeChange } from '@automerge/automerge';
import * as fc from 'fast-check';
import { readChange } from '../../../src/crdt/change-reader.js';
import { Document } from '../../../src/crdt/document.js';
import { notesOf } from '../../../src/crdt/notes.js';
import { chunkOf, columnsOf, forgedChange, leb, sleb } from '../../helpers/forged-change.js';
import { entryOf, newDocument } from '../../helpers/samples.js';

/** What Automerge itself reads in a change, in the same words. */
function asAutomergeReads(bytes: Uint8Array): object {
  const { hash, actor, seq, startOp, deps, message, time, ops } = decodeChange(bytes);
  const writes = ops.map((op, index) => {
    const { key, value, pred } = op as { key: string; value?: string; pred: string[] };
    const lamport = startOp + index;
    return { id: `${lamport}@${actor}`, key, value, lamport, replaces: pred };
  });
  return { hash, actor, seq, startOp, deps, message, time, writes };
}

function asWeRead(bytes: Uint8Array): object {
  const { bytes: _, ...change } = readChange(bytes);
  return change;
}

describe('a change that Automerge makes of what bender writes', () => {
  it('is read as Automerge reads it, with conflicts, removals and messages', () => {
    const key = fc.constantFrom('a', 'b', 'backend/shop', 'ключ', '1');
    const write = fc.tuple(key, fc.option(fc.string({ unit: 'grapheme', maxLength: 40 })));
    const commit = fc.record({
      side: fc.nat(2),
      join: fc.nat(2),
      writes: fc.uniqueArray(write, { minLength: 1, maxLength: 6, selector: ([name]) => name }),
      message: fc.option(fc.string({ minLength: 1, maxLength: 60 }), { nil: undefined }),
      time: fc.integer({ min: 0, max: 2 ** 33 }),
    });
    fc.assert(
      fc.property(fc.array(commit, { maxLength: 12 }), (commits) => {
        const sides = [newDocument(), newDocument(), newDocument()] as const;
        for (const { side, join, writes, message, time } of commits) {
          const document = sides[side as 0 | 1 | 2];
          document.merge(sides[join as 0 | 1 | 2].changesSince([]));
          for (const [name, value] of writes) document.put(name, value ?? undefined);
          document.commit({ ...(message !== undefined && { message }), time });
        }
        for (const document of sides)
          for (const bytes of document.changesSince([])) expect(asWeRead(bytes)).toEqual(asAutomergeReads(bytes));
      }),
      { numRuns: 150 },
    );
  });

  it.each(['x', 'ä', '漢', '🎯', '"\\'])('is never deflated, whatever its size: a note full of %s', (character) => {
    const document = newDocument();
    const items = Array.from({ length: 40 }, (_, index) => [
      'entry',
      `web/1/h/${index + 1}`,
      entryOf({ meta: { text: character.repeat(1300) } }),
    ]);
    for (const note of notesOf(items as never)) document.append(note);
    document.commit();
    const [bytes] = document.changesSince([]);
    expect(bytes!.length).toBeGreaterThan(40_000);
    expect(asWeRead(bytes!)).toEqual(asAutomergeReads(bytes!));
  });

  it('is refused once any of its bytes is another one', () => {
    const document = newDocument();
    document.put('a', 'text');
    document.put('b', 'more');
    document.commit({ message: 'why', time: 1_700_000_000 });
    const [bytes] = document.changesSince([]);
    for (let index = 0; index < bytes!.length; index++) {
      const damaged = bytes!.slice();
      damaged[index]! ^= 0x55;
      expect(() => readChange(damaged)).toThrow('does not write');
    }
  });
});

describe('a change that bender does not write', () => {
  const valid = { key: 'a', count: 1 };

  it('is recognised: without its fault it would be read', () => {
    expect(readChange(forgedChange(valid)).writes).toEqual([
      expect.objectContaining({ key: 'a', value: 'v', lamport: 1, replaces: [] }),
    ]);
  });

  it.each<[string, Uint8Array, string]>([
    ['a key written 15,000 times by a run length', forgedChange({ count: 15_000 }), 'too many values'],
    ['a key written 10^6 times', forgedChange({ count: 1_000_000 }), 'too many values'],
    ['a key written twice', forgedChange({ count: 2 }), 'a key is written twice'],
    ['something deflated', forgedChange({ deflated: true }), 'no plain change'],
    ['bytes behind the columns', forgedChange({ extra: Buffer.alloc(1) }), 'more behind the columns'],
    ['40 MB behind them, deflated', forgedChange({ extra: Buffer.alloc(40e6), deflated: true }), 'no plain change'],
    ['more than 256 KiB', forgedChange({ value: 'v'.repeat(256 * 1024) }), 'bytes'],
    ['a writer’s id of another length', forgedChange({ actor: Buffer.alloc(8) }), "a writer's id"],
    ['a longer message', forgedChange({ message: 'm'.repeat(5000) }), 'message is too long'],
    ['a column of its own', forgedChange({ columns: [[0x99, Buffer.alloc(1)]] }), 'column 99'],
    ['a write below the root', forgedChange({ columns: [[0x01, Buffer.from([1, 0])]] }), 'column 1'],
    ['a null', forgedChange({ meta: 0, value: '' }), 'neither a text nor a removal'],
    ['a counter', forgedChange({ meta: 8 + 16 }), 'neither a text nor a removal'],
    ['a list', forgedChange({ action: 2, meta: 0, value: '' }), 'neither a text nor a removal'],
    ['a text that is no UTF-8', forgedChange({ value: Buffer.from([0xff]) }), 'no UTF-8'],
    ['values of no write', forgedChange({ meta: 6 + 0 * 16 }), 'belong to no write'],
    [
      'a number beyond 2^53',
      chunkOf(Buffer.concat([leb(0), leb(16), Buffer.alloc(16), Buffer.alloc(9, 0xff), leb(1)])),
      'too large',
    ],
    [
      'another checksum',
      Uint8Array.from(forgedChange(valid), (byte, index) => (index === 5 ? byte ^ 1 : byte)),
      'checksum',
    ],
    ['two changes', Buffer.concat([forgedChange(valid), forgedChange(valid)]), 'length'],
    ['nothing', new Uint8Array(), 'no change'],
    ['a whole document', Buffer.from('856f4a83000000000000', 'hex'), 'no change'],
  ])('%s: refused', (_, bytes, why) => {
    expect(() => readChange(bytes)).toThrow(why);
  });

  it('is never taken, whatever is in its columns', () => {
    const column = fc.tuple(
      fc.constantFrom(0x15, 0x34, 0x42, 0x56, 0x57, 0x70, 0x71, 0x73),
      fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
    );
    const columns = fc.uniqueArray(column, { selector: ([id]) => id }).map((all) => [...all].sort(([a], [b]) => a - b));
    fc.assert(
      fc.property(columns, (all) => {
        const bytes = columnsOf(all);
        try {
          readChange(bytes);
        } catch (error) {
          expect(String(error)).toContain('does not write');
          return;
        }
        // What passes is what Automerge reads in it too.
        expect(asWeRead(bytes)).toEqual(asAutomergeReads(bytes));
      }),
      { numRuns: 3000 },
    );
  });

  it('with huge runs costs no time', () => {
    const begun = performance.now();
    for (const run of [1e9, 2 ** 40, -1e9, -(2 ** 40)])
      expect(() => readChange(columnsOf([[0x42, Buffer.concat([sleb(run), leb(1)])]]))).toThrow('too many values');
    expect(performance.now() - begun).toBeLessThan(100);
  });
});

describe('a document', () => {
  /** What a document says when it is handed a change; all else about it is right. */
  const misfit = (forged: Parameters<typeof forgedChange>[0], document = new Document('00'.repeat(16))) =>
    document.apply([forgedChange(forged)]);

  it('takes the first change of a writer', () => {
    expect(misfit({}).changes).toHaveLength(1);
  });

  it.each([
    ['leaves out a change whose number is not the next one of its writer', { seq: 30 }, 'number 30'],
    ['leaves out writes of a far future', { startOp: 2 ** 32 - 1 }, 'out of order'],
    ['leaves out what bears its own id', { actor: Buffer.alloc(16) }, 'this writer'],
  ])('%s', (_, forged, why) => {
    const { changes, misfit: left } = misfit(forged);
    expect(changes).toEqual([]);
    expect(left).toContain(why);
  });
});
