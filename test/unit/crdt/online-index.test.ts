import * as fc from 'fast-check';
import { OnlineIndex, type Query } from '../../../src/crdt/online-index.js';
import type { RegistrationId } from '../../../src/model/registration.js';
import { entryOf } from '../../helpers/samples.js';

const asId = (text: string) => text as RegistrationId;

describe('the index of what is online', () => {
  it('finds by app, by exact version and by range, sorted by id', () => {
    const index = new OnlineIndex();
    for (const id of ['web/2.0.0/h/1', 'web/1.1.0/h/1', 'web/1.0.0/h/2', 'web/1.0.0/h/1', 'api/1.0.0/h/1'])
      index.put(asId(id), entryOf());
    const ids = (query: Query) => index.select(query).map(([id]) => id);
    expect(ids({ app: 'web', version: '1.x' })).toEqual(['web/1.0.0/h/1', 'web/1.0.0/h/2', 'web/1.1.0/h/1']);
    expect(ids({ app: 'web', version: '1.0.0' })).toEqual(['web/1.0.0/h/1', 'web/1.0.0/h/2']);
    expect(ids({ version: '^1.0.0' })).toHaveLength(4);
    expect(ids({})).toHaveLength(5);
    expect(ids({ app: 'none' })).toEqual([]);
    expect(index.size).toBe(5);
  });

  it('sorts by id, whatever names of apps and versions begin alike', () => {
    const index = new OnlineIndex();
    const ids = ['web-api/1/h/1', 'web/1/h/1', 'web/1-a/h/1', 'web.api/1/h/1', 'web0/1/h/1', 'web/1/h/2'];
    for (const id of ids) index.put(asId(id), entryOf());
    expect(index.select({}).map(([id]) => id)).toEqual([...ids].sort());
    expect(
      index
        .groups({})
        .flatMap((group) => group.select())
        .map(([id]) => id),
    ).toEqual([...ids].sort());
  });

  it('finds the same for one text, whatever is online', () => {
    const index = new OnlineIndex();
    const at = (version: string) => index.select({ app: 'web', version }).map(([id]) => id.split('/')[1]);
    for (const version of ['1.2.0', '1.2.3']) index.put(asId(`web/${version}/h/1`), entryOf());
    expect(at('1.2')).toEqual(['1.2.0', '1.2.3']);
    const stamp = index.stampOf({ app: 'web', version: '1.2' });
    index.put(asId('web/1.2/h/1'), entryOf());
    expect(at('1.2').sort()).toEqual(['1.2', '1.2.0', '1.2.3']);
    const withExact = index.stampOf({ app: 'web', version: '1.2' });
    expect(withExact).not.toBe(stamp);
    index.put(asId('web/1.2.4/h/1'), entryOf());
    expect(index.stampOf({ app: 'web', version: '1.2' })).not.toBe(withExact);
    expect(at('1.2.0')).toEqual(['1.2.0']);
  });

  it('answers what a plain map would, and never has one stamp for two answers', () => {
    const apps = ['web', 'api'];
    const versions = ['1.0.0', '1.1.0', '1.1', 'blue'];
    const queries: Query[] = [
      {},
      { version: '1.0.0' },
      ...apps.flatMap((app) => [{ app }, ...[...versions, '1.x'].map((version) => ({ app, version }))]),
    ];
    const put = fc.record({
      id: fc.tuple(fc.constantFrom(...apps), fc.constantFrom(...versions), fc.integer({ min: 1, max: 2 })),
      rev: fc.option(fc.integer({ min: 1, max: 3 })),
    });
    fc.assert(
      fc.property(fc.array(put, { maxLength: 40 }), (puts) => {
        const index = new OnlineIndex();
        const plain = new Map<string, number>();
        const answers = new Map<string, string>();
        for (const { id: parts, rev } of puts) {
          const id = `${parts[0]}/${parts[1]}/h/${parts[2]}`;
          index.put(asId(id), rev === null ? undefined : entryOf({ rev }));
          if (rev === null) plain.delete(id);
          else plain.set(id, rev);
          for (const query of queries) {
            const answer = index.select(query).map(([one, entry]) => `${one} ${entry.rev}`);
            const expected = [...plain]
              .filter(([one]) => {
                const [app, version] = one.split('/') as [string, string];
                if (query.app !== undefined && query.app !== app) return false;
                if (query.version === '1.x') return !['1.1', 'blue'].includes(version);
                if (query.version === '1.1') return ['1.1', '1.1.0'].includes(version);
                return [undefined, version].includes(query.version);
              })
              .map(([one, at]) => `${one} ${at}`);
            expect(answer).toEqual(expected.sort());
            const key = `${JSON.stringify(query)} ${index.stampOf(query)}`;
            expect(answers.get(key) ?? answer.join()).toBe(answer.join());
            answers.set(key, answer.join());
          }
          expect(index.size).toBe(plain.size);
        }
      }),
      { numRuns: 100 },
    );
  });
});
