import { readChange } from '../../../src/crdt/change-reader.js';
import { HoldingsReplica, holdingsName, parseHoldingsName } from '../../../src/crdt/holdings.js';
import type { OwnHoldings } from '../../../src/crdt/own-holdings.js';
import { type Item, notesOf } from '../../../src/crdt/notes.js';
import { asLife, asRunId, copyTo, entryOf, holdingsOf, newDocument, ownerOf } from '../../helpers/samples.js';
import { asId } from '../../../src/model/registration.js';

const id = asId('web/1.0.0/10.0.0.1/8080');

/** What a replica makes of a document with these notes. */
function replicaOfNotes(...notes: string[]): HoldingsReplica {
  const document = newDocument();
  for (const note of notes) document.append(note);
  document.commit();
  const replica = new HoldingsReplica(newDocument());
  replica.merge(document.changesSince([]));
  return replica;
}

/** Has the document say something that its owner would not. */
function say(own: OwnHoldings, item: Item): void {
  for (const note of notesOf([item])) own.document.append(note);
  own.document.commit();
}

/** The change that was written last. */
const newestOf = ({ document }: OwnHoldings) => readChange(document.changesSince([]).at(-1)!);

/** What a replica makes of a document that says this. */
const replicaOf = (...items: Item[]): HoldingsReplica => replicaOfNotes(...notesOf(items));

describe('a change that is shown before it is merged', () => {
  const entry = entryOf();

  /** A replica, and one more change of its owner with the heads that it follows. */
  function ahead(): { own: OwnHoldings; replica: HoldingsReplica; since: string[] } {
    const own = holdingsOf(ownerOf('a'));
    const replica = new HoldingsReplica(newDocument());
    copyTo(replica, own);
    const since = [...own.document.heads];
    own.setEntry(id, entry);
    own.commit();
    return { own, replica, since };
  }

  it('counts at once, and not again when it is merged', () => {
    const { own, replica, since } = ahead();
    expect(replica.preview(newestOf(own))).toEqual([{ kind: 'entry', id, entry }]);
    expect(replica.preview(newestOf(own))).toEqual([]);
    expect(replica.document.heads).toEqual(since);
    expect(copyTo(replica, own)).toEqual([]);
    expect([...replica.entries]).toEqual([[id, entry]]);
  });

  it('is not taken where one before it is missing', () => {
    const { own, replica } = ahead();
    own.setEntry(id, undefined);
    own.commit();
    expect(replica.preview(newestOf(own))).toEqual([]);
    expect(copyTo(replica, own)).toEqual([
      { kind: 'entry', id, entry },
      { kind: 'entry', id, entry: undefined },
    ]);
  });

  it('does not undo what came after it', () => {
    const { own, replica } = ahead();
    const first = newestOf(own);
    replica.preview(first);
    own.setEntry(id, undefined);
    own.commit();
    expect(copyTo(replica, own)).toEqual([{ kind: 'entry', id, entry: undefined }]);
    expect(replica.preview(first)).toEqual([]);
    expect([...replica.entries]).toEqual([]);
  });
});

describe('a replica of holdings', () => {
  it('is told of the owner, of entries and of releases as they come, change and go', () => {
    const own = holdingsOf(ownerOf('a'), { [id]: entryOf() });
    const replica = new HoldingsReplica(newDocument());
    expect(copyTo(replica, own)).toEqual(
      expect.arrayContaining([
        { kind: 'owner', owner: ownerOf('a') },
        { kind: 'entry', id, entry: entryOf() },
      ]),
    );
    own.setEntry(id, undefined);
    own.setReleased(id, { lives: [asLife('life-1')], ttl: 4000 });
    own.commit();
    expect(copyTo(replica, own)).toEqual(
      expect.arrayContaining([
        { kind: 'entry', id, entry: undefined },
        { kind: 'released', id, release: { lives: ['life-1'], ttl: 4000 } },
      ]),
    );
    expect([...replica.entries]).toEqual([]);
    expect([...replica.released.keys()]).toEqual([id]);
    own.setReleased(id, undefined);
    own.commit();
    expect(copyTo(replica, own)).toEqual([{ kind: 'released', id, release: undefined }]);
    const decided = { life: asLife('life-1'), decision: { turn: 1, draining: true, reason: 'deploy' } };
    own.setDecided(id, decided);
    own.commit();
    expect(copyTo(replica, own)).toEqual([{ kind: 'decided', id, decided }]);
    expect([...replica.decided]).toEqual([[id, decided]]);
    own.setDecided(id, undefined);
    own.commit();
    expect(copyTo(replica, own)).toEqual([{ kind: 'decided', id, decided: undefined }]);
  });

  it('has what the owner has at every commit', () => {
    const own = holdingsOf(ownerOf('a'));
    const replica = new HoldingsReplica(newDocument());
    for (let turn = 0; turn < 40; turn++) {
      own.setEntry(asId(`web/1/h/${1 + (turn % 5)}`), turn % 3 === 2 ? undefined : entryOf({ rev: turn + 1 }));
      if (turn % 4 === 3) own.commit();
      if (turn % 4 !== 3) continue;
      copyTo(replica, own);
      expect(Object.fromEntries(replica.entries)).toEqual(Object.fromEntries(own.entries));
    }
  });

  it('has no owner until the document says so', () => {
    expect(replicaOf(['entry', id, entryOf()]).owner).toBeUndefined();
  });

  it('takes a value that becomes garbage for one that went', () => {
    const own = holdingsOf(ownerOf('a'), { [id]: entryOf() });
    const replica = new HoldingsReplica(newDocument());
    copyTo(replica, own);
    say(own, ['entry', id, 'garbage']);
    expect(copyTo(replica, own)).toEqual([{ kind: 'entry', id, entry: undefined }]);
    expect(replica.entries.size).toBe(0);
  });

  it('keeps the owner that it knows when the document says garbage', () => {
    const own = holdingsOf(ownerOf('a'));
    const replica = new HoldingsReplica(newDocument());
    copyTo(replica, own);
    say(own, ['daemon', '', {}]);
    expect(copyTo(replica, own)).toEqual([]);
    expect(replica.owner).toEqual(ownerOf('a'));
  });

  it.each([
    'web/1.0.0/h',
    'web/1.0.0/h/1/2',
    '/1.0.0/h/1',
    'web/1.0.0/h/port',
    'web/1.0.0/h/65536',
    'web/1.0.0/h/0',
    'we b/1.0.0/h/1',
    'web\u001b[2J/1.0.0/h/1',
    'web/1.0.0\u202e/h/1',
    'web/1.0.0/h\u200b/1',
    `${'x'.repeat(129)}/1.0.0/h/1`,
    '',
  ])('ignores an entry and a release of %p, which is no id', (garbage) => {
    const replica = replicaOf(['entry', garbage, entryOf()], ['released', garbage, { lives: ['life-1'], ttl: 4000 }]);
    expect([replica.entries.size, replica.released.size]).toEqual([0, 0]);
  });

  it.each([
    ['no lives', { lives: [], ttl: 4000 }],
    ['too many lives', { lives: Array.from({ length: 65 }, String), ttl: 4000 }],
    ['lives that are no text', { lives: [1], ttl: 4000 }],
    ['a TTL that would keep it for ever', { lives: ['x'], ttl: 1e12 }],
    ['no TTL', { lives: ['x'] }],
  ])('ignores a release with %s', (_, release) => {
    expect(replicaOf(['released', id, release]).released.size).toBe(0);
  });

  it.each([
    ['a URL that is none', { url: 'http://[' }],
    ['a URL without a host', { url: 'http://:1729' }],
    ['a URL of another kind', { url: 'file:///etc/passwd' }],
    ['no name', { name: '' }],
    ['a name that a terminal obeys', { name: 'a\u001b[2J' }],
    ['a name of two lines', { name: 'a\n{"level":60}' }],
    ['a run id that cannot be seen', { runId: 'r\u200bun-0000000000' }],
    ['a URL with a path', { url: 'http://127.9.9.5:80/admin?x=1' }],
    ['a generation that nobody reaches', { generation: 2 ** 40 + 1 }],
    ['a version that cannot stand in an id', { version: 'a/b' }],
    ['a generation of 0', { generation: 0 }],
    ['leaving that is no boolean', { leaving: 'yes' }],
  ])('does not believe an owner with %s', (_, fields) => {
    expect(replicaOf(['daemon', '', { ...ownerOf('a'), ...fields }]).owner).toBeUndefined();
  });

  it('ignores names that it does not know, and what is no name', () => {
    const note = JSON.stringify([
      ['later', id, 'x'],
      ['other', 'thing', 'y'],
      ['daemon', '', ownerOf('a')],
      ['entry', id, entryOf(), 'more'],
      ['entry', 7, entryOf()],
      [7, id, entryOf()],
      ['entry'],
      [],
      null,
      'entry',
    ]);
    const replica = replicaOfNotes(note);
    expect(replica.owner).toEqual(ownerOf('a'));
    expect([replica.entries.size, replica.released.size]).toEqual([0, 0]);
  });

  it.each(['', 'garbage', 'null', '{}', '"text"', '[', '['.repeat(100_000)])(
    'ignores a note that says %.20p',
    (garbage) => {
      const replica = replicaOfNotes(garbage, ...notesOf([['daemon', '', ownerOf('a')]]));
      expect(replica.owner).toEqual(ownerOf('a'));
    },
  );

  it('takes in notes in the order in which they were written', () => {
    const own = holdingsOf(ownerOf('a'));
    for (let rev = 1; rev <= 120; rev++) {
      own.setEntry(id, entryOf({ rev }));
      own.commit();
    }
    const replica = new HoldingsReplica(newDocument());
    copyTo(replica, own);
    expect(replica.entries.get(id)?.rev).toBe(120);
  });

  it('refuses notes that are not text', async () => {
    const { change, from, getAllChanges } = await import('@automerge/automerge');
    const nested = change(from<Record<string, unknown>>({ 1: { life: 'x' } }), (draft) => {
      draft[2] = 7;
    });
    const replica = new HoldingsReplica(newDocument());
    expect(() => replica.merge(getAllChanges(nested))).toThrow('does not write');
    expect(replica.owner).toBeUndefined();
    expect(replica.entries.size).toBe(0);
  });
});

describe('the name of a holdings document', () => {
  it('says whose it is and of which epoch', () => {
    expect(parseHoldingsName(holdingsName(asRunId('abcd-1234'), 12))).toEqual({
      runId: 'abcd-1234',
      epoch: 12,
    });
  });

  it.each([
    'catalog',
    'holdings/short/1',
    'holdings/abcd1234',
    'holdings/abcd1234/0',
    'holdings/abcd1234/01',
    'holdings/ab cd1234/1',
    'holdings/abcd1234/1/2',
  ])('is not %p', (name) => {
    expect(parseHoldingsName(name)).toBeUndefined();
  });
});
