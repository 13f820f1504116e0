/**
 * Holdings as a key for each entry, or note by note? The same registrations, so many to a change, written, merged into
 * a replica and read there. The two ways take turns.
 */

import { HoldingsReplica } from '../src/crdt/holdings.js';
import type { Document, Heads } from '../src/crdt/document.js';
import { readEntry } from '../src/crdt/entry.js';
import { type Item, notesOf } from '../src/crdt/notes.js';
import { size } from './helpers/options.js';
import { figure, say, table, timed } from './helpers/report.js';
import { save } from './helpers/results.js';
import { keyOf, newDocument, seeded, valueOf } from './helpers/shapes.js';
import { median } from './helpers/statistics.js';

const entries = size(20_000, 500);
const rounds = size(5, 1);
const perChange = [1, 8, 32, 200];

/** How entries stand in a document: how they are written, and read from a replica of it. */
interface Way {
  write(document: Document, entries: readonly (readonly [id: string, stored: object])[]): void;
  replica(): { document: Document; read(changes: Uint8Array[]): number };
}

const byKey: Way = {
  write: (document, all) => {
    for (const [id, stored] of all) document.put(`entry/${id}`, JSON.stringify(stored));
  },
  replica: () => {
    const document = newDocument();
    const read = (changes: Uint8Array[]): number =>
      document.merge(changes).filter(({ value }) => readEntry(JSON.parse(value!)) !== undefined).length;
    return { document, read };
  },
};

const byNote: Way = {
  write: (document, all) => {
    for (const note of notesOf(all.map(([id, stored]): Item => ['entry', id, stored]))) document.append(note);
  },
  replica: () => {
    const holdings = new HoldingsReplica(newDocument());
    return { document: holdings.document, read: (changes) => holdings.merge(changes).changes.length };
  },
};

interface Cost extends Record<string, number> {
  /** µs for each entry, and bytes. */
  write: number;
  read: number;
  bytes: number;
}

function measure(way: Way, together: number): Cost {
  const [document, other, random] = [newDocument(), way.replica(), seeded(1)];
  const cost = { write: 0, read: 0, bytes: 0 };
  let heads: Heads = [];
  for (let from = 0; from < entries; from += together) {
    const some = Array.from({ length: together }, (_, offset) => {
      const id = keyOf(from + offset).slice('entry/'.length);
      return [id, JSON.parse(valueOf(random)) as object] as const;
    });
    let changes: Uint8Array[] = [];
    cost.write += timed(() => {
      way.write(document, some);
      document.commit();
      changes = document.changesSince(heads);
    });
    heads = document.heads;
    cost.bytes += changes.reduce((sum, { length }) => sum + length, 0);
    let read = 0;
    cost.read += timed(() => (read = other.read(changes)));
    if (read !== together) throw new Error(`${read} of ${together} entries came`);
  }
  document.free();
  other.document.free();
  return {
    write: cost.write / entries,
    read: cost.read / entries,
    bytes: cost.bytes / entries,
  };
}

const middle = (costs: readonly Cost[], what: keyof Cost): number => median(costs.map((cost) => cost[what]!));

const rows = perChange.map((together) => {
  const found: Cost[][] = [[], []];
  for (let round = 0; round < rounds; round++)
    for (const [index, way] of [byKey, byNote].entries()) found[index]!.push(measure(way, together));
  const cells = (['write', 'read', 'bytes'] as const).flatMap((what) =>
    found.map((costs) => figure(middle(costs, what))),
  );
  return { together, cells };
});
say(
  table(
    [
      'entries in one change',
      'write, µs, by key',
      'by note',
      'read, µs, by key',
      'by note',
      'bytes, by key',
      'by note',
    ],
    rows.map(({ together, cells }) => [String(together), ...cells]),
  ),
);
save('holdings', rows);
