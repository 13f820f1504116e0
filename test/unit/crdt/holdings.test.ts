import { HoldingsReplica, holdingsName, parseHoldingsName } from '../../../src/crdt/holdings.js';
import { encodeEntry } from '../../../src/crdt/entry.js';
import { copyTo, entryOf, holdingsOf, newDocument, ownerOf } from '../../helpers/samples.js';

const id = 'web/1.0.0/10.0.0.1/8080';

/** What a replica makes of a document that says this. */
function replicaOf(values: Record<string, string>): HoldingsReplica {
  const document = newDocument();
  for (const [key, value] of Object.entries(values)) document.put(key, value);
  document.commit();
  const replica = new HoldingsReplica(newDocument());
  replica.merge(document.changesSince([]));
  return replica;
}

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
    own.setReleased(id, { lives: ['life-1'], ttl: 4000 });
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
    const decided = { life: 'life-1', decision: { turn: 1, draining: true, reason: 'deploy' } };
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
      own.setEntry(`web/1/h/${1 + (turn % 5)}`, turn % 3 === 2 ? undefined : entryOf({ rev: turn + 1 }));
      if (turn % 4 === 3) own.commit();
      if (turn % 4 !== 3) continue;
      copyTo(replica, own);
      expect(Object.fromEntries(replica.entries)).toEqual(Object.fromEntries(own.entries));
    }
  });

  it('has no owner until the document says so', () => {
    expect(replicaOf({ [`entry/${id}`]: encodeEntry(entryOf()) }).owner).toBeUndefined();
  });

  it('takes a value that becomes garbage for one that went', () => {
    const own = holdingsOf(ownerOf('a'), { [id]: entryOf() });
    const replica = new HoldingsReplica(newDocument());
    copyTo(replica, own);
    own.document.put(`entry/${id}`, 'garbage');
    own.document.commit();
    expect(replica.merge(own.document.changesSince(replica.document.heads))).toEqual([
      { kind: 'entry', id, entry: undefined },
    ]);
    expect(replica.entries.size).toBe(0);
  });

  it('keeps the owner that it knows when the document says garbage', () => {
    const own = holdingsOf(ownerOf('a'));
    const replica = new HoldingsReplica(newDocument());
    copyTo(replica, own);
    own.document.put('daemon', '{}');
    own.document.commit();
    expect(replica.merge(own.document.changesSince(replica.document.heads))).toEqual([]);
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
    `${'x'.repeat(129)}/1.0.0/h/1`,
    '',
  ])('ignores an entry and a release of %p, which is no id', (garbage) => {
    const replica = replicaOf({
      [`entry/${garbage}`]: encodeEntry(entryOf()),
      [`released/${garbage}`]: JSON.stringify({ lives: ['life-1'], ttl: 4000 }),
    });
    expect([replica.entries.size, replica.released.size]).toEqual([0, 0]);
  });

  it.each([
    ['no lives', { lives: [], ttl: 4000 }],
    ['too many lives', { lives: Array.from({ length: 65 }, String), ttl: 4000 }],
    ['lives that are no text', { lives: [1], ttl: 4000 }],
    ['a TTL that would keep it for ever', { lives: ['x'], ttl: 1e12 }],
    ['no TTL', { lives: ['x'] }],
  ])('ignores a release with %s', (_, release) => {
    expect(replicaOf({ [`released/${id}`]: JSON.stringify(release) }).released.size).toBe(0);
  });

  it.each([
    ['a URL that is none', { url: 'http://[' }],
    ['a URL without a host', { url: 'http://:1729' }],
    ['a URL of another kind', { url: 'file:///etc/passwd' }],
    ['no name', { name: '' }],
    ['a version that cannot stand in an id', { version: 'a/b' }],
    ['a generation of 0', { generation: 0 }],
    ['leaving that is no boolean', { leaving: 'yes' }],
  ])('does not believe an owner with %s', (_, fields) => {
    expect(replicaOf({ daemon: JSON.stringify({ ...ownerOf('a'), ...fields }) }).owner).toBeUndefined();
  });

  it('ignores keys that it does not know', () => {
    const replica = replicaOf({ daemon: JSON.stringify(ownerOf('a')), later: 'x', 'other/thing': 'y' });
    expect(replica.owner).toEqual(ownerOf('a'));
    expect([replica.entries.size, replica.released.size]).toEqual([0, 0]);
  });

  it('ignores values that are not text', async () => {
    const { change, from, getAllChanges } = await import('@automerge/automerge');
    const nested = change(from<Record<string, unknown>>({ [`entry/${id}`]: { life: 'x' } }), (draft) => {
      draft.daemon = 7;
    });
    const replica = new HoldingsReplica(newDocument());
    replica.merge(getAllChanges(nested));
    expect(replica.owner).toBeUndefined();
    expect(replica.entries.size).toBe(0);
  });
});

describe('the name of a holdings document', () => {
  it('says whose it is and of which epoch', () => {
    expect(parseHoldingsName(holdingsName('abcd-1234', 12))).toEqual({ runId: 'abcd-1234', epoch: 12 });
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
