import { describe, expect, it } from '@jest/globals';
import { Catalog } from '../../../src/crdt/catalog.js';
import { newDocument } from '../../helpers/samples.js';

/** A catalog whose daemon and writers are called alike. */
class Side {
  readonly catalog = new Catalog(newDocument());
  #time = 1_700_000_000;

  constructor(readonly name: string) {}

  point(version: string | undefined, backend = 'web'): this {
    this.catalog.setBackend(backend, version === undefined ? undefined : { name: backend, app: 'web', version });
    this.catalog.commit({ author: `${this.name}@host`, daemon: this.name, time: this.#time++ });
    return this;
  }

  from({ catalog: { document } }: Side): this {
    this.catalog.merge(document.changesSince(this.catalog.document.heads));
    return this;
  }

  /** `from>to`, with a `!` where it was concurrent; the last one first. */
  get story(): string[] {
    return this.catalog.history({ backend: 'web', limit: 100 }).map((edit) => {
      const [from, to] = edit.kind === 'backend' ? [edit.from?.version, edit.to?.version] : [];
      return `${from ?? ''}>${to ?? ''}${edit.concurrent ? '!' : ''}`;
    });
  }
}

const losing = ({ catalog }: Side) =>
  catalog.conflictsOfBackend('web').map((one) => ('deleted' in one ? 'deleted' : one.version));

it('has author, values, time and daemon of each edit', () => {
  const a = new Side('a').point('1').point('2').point(undefined).point('3', 'other');
  a.catalog.setFrontend('www', { name: 'www', backend: 'web' });
  a.catalog.commit({});
  const backend = { resource: 'Backend', name: 'web', app: 'web' };
  const by = { author: 'a@host', daemon: 'a', id: expect.stringMatching(/^[0-9a-f]{64}$/) };
  expect(a.catalog.history({ backend: 'web', limit: 100 })).toEqual([
    { kind: 'backend', name: 'web', from: { ...backend, version: '2' }, ...by, at: 1_700_000_002_000 },
    {
      ...{ kind: 'backend', name: 'web', ...by, at: 1_700_000_001_000 },
      from: { ...backend, version: '1' },
      to: { ...backend, version: '2' },
    },
    { kind: 'backend', name: 'web', to: { ...backend, version: '1' }, ...by, at: 1_700_000_000_000 },
  ]);
  expect(a.catalog.history({ frontend: 'www', limit: 100 })).toEqual([
    {
      ...{ kind: 'frontend', name: 'www', id: by.id, at: 0 },
      to: { resource: 'Frontend', name: 'www', backend: 'web' },
    },
  ]);
  expect(a.catalog.history({ backend: 'web', frontend: 'www', limit: 100 })).toHaveLength(4);
  expect(a.catalog.history({ limit: 2 }).map(({ name }) => name)).toEqual(['www', 'other']);
  expect(a.catalog.history({ backend: 'nothing', limit: 2 })).toEqual([]);
});

it('goes on from what it has read', () => {
  const [a, b] = [new Side('a').point('1'), new Side('b')];
  expect(a.story).toEqual(['>1']);
  b.from(a).point('2');
  a.from(b).point('3');
  expect(a.story).toEqual(['2>3', '1>2', '>1']);
});

it('can be read in steps, between which there may be edits', () => {
  const [a, b] = [new Side('a'), new Side('b')];
  for (let number = 1; number <= 1000; number++) a.point(String(number));
  b.from(a);
  const steps = b.catalog.historyInSteps({ limit: 2000 });
  let pauses = 0;
  let step = steps.next();
  for (; !step.done; step = steps.next()) if (++pauses === 2) b.point('later');
  expect(pauses).toBeGreaterThanOrEqual(5);
  expect(step.value).toHaveLength(1001);
  expect(step.value).toEqual(b.catalog.history({ limit: 2000 }));
});

describe('edits of which neither side knew the other', () => {
  const conflict = () => {
    const [a, b] = [new Side('a').point('1'), new Side('b')];
    b.from(a).point('2b').point('3b');
    a.point('2a');
    return [a.from(b), b.from(a)] as const;
  };

  it('are marked, and look the same at every daemon, whatever it read first', () => {
    const [a, b] = conflict();
    expect(a.story).toHaveLength(4);
    expect(a.story.sort()).toEqual(['1>2a!', '1>2b!', '2b>3b!', '>1']);
    expect(b.catalog.history({ limit: 100 })).toEqual(a.catalog.history({ limit: 100 }));
    const early = new Side('c').from(a);
    expect(early.catalog.history({ limit: 100 })).toEqual(a.catalog.history({ limit: 100 }));
  });

  it('leave one that lost, until the next write settles it', () => {
    const [a, b] = conflict();
    const [won] = a.catalog.backends.values();
    const lost = won!.version === '2a' ? '3b' : '2a';
    expect([losing(a), losing(b)]).toEqual([[lost], [lost]]);
    b.point('4');
    expect(losing(b)).toEqual([]);
    expect(b.story[0]).toBe(`${won!.version}>4`);
    a.from(b);
    expect(losing(a)).toEqual([]);
    expect(a.story).toEqual(b.story);
  });

  it('are no conflict where they agree', () => {
    const [a, b] = [new Side('a').point('1'), new Side('b').point('1')];
    expect(losing(a.from(b))).toEqual([]);
  });

  it('may be one that removes it', () => {
    const [a, b] = [new Side('a').point('1'), new Side('b')];
    b.from(a).point('2').point('3');
    a.point(undefined);
    a.from(b);
    // The side that has written more wins.
    expect(a.catalog.backends.get('web')?.version).toBe('3');
    expect(losing(a)).toEqual(['deleted']);
  });

  it('are none of another thing', () => {
    const [a, b] = [new Side('a').point('1', 'x'), new Side('b').point('2', 'y')];
    a.from(b);
    expect(a.catalog.history({ limit: 9 }).filter(({ concurrent }) => concurrent)).toEqual([]);
  });
});

it.each([
  ['nothing', undefined],
  ['no JSON', 'jane'],
  ['a list', '[]'],
  ['numbers', '{"author":1,"daemon":2}'],
  ['too much', JSON.stringify({ author: 'x'.repeat(129), daemon: '' })],
])('makes nothing of a message that is %s', (_, message) => {
  const source = newDocument();
  source.put('backend/web', '{"app":"web","version":"1"}');
  source.put('something/else', 'x');
  source.commit(message === undefined ? {} : { message });
  const catalog = new Catalog(newDocument());
  catalog.merge(source.changesSince([]));
  const [edit, ...others] = catalog.history({ limit: 10 });
  expect(others).toEqual([]);
  expect(Object.keys(edit!).sort()).toEqual(['at', 'id', 'kind', 'name', 'to']);
});
