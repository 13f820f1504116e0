import { describe, expect, it } from '@jest/globals';
import { nearKey, parseNear, partedBy } from '../../../src/model/near.js';
import { registrationOf } from '../../helpers/catalog.js';

const at = (id: string, zone?: string, draining = false) =>
  registrationOf(id, { draining, ...(zone !== undefined && { meta: { zone } }) });

const one = at('web/1.0.0/a/1', 'eu-1');
const two = at('web/1.0.0/b/1', 'eu-1');
const far = at('web/1.0.0/c/1', 'eu-2');
const bare = at('web/1.0.0/d/1');
const next = at('web/2.0.0/e/1', 'eu-2');

const near = parseNear('zone:eu-1');
const served = (...asked: Parameters<typeof partedBy<typeof one>>) => partedBy(...asked).served.map(({ host }) => host);

it('prefers what is near, and counts what does not say where it is as elsewhere', () => {
  const { served, spare } = partedBy({ version: '^1' }, [one, two, far, bare], near);
  expect(served).toEqual([one, two]);
  expect(spare).toEqual([far, bare]);
});

it('overflows to all if fewer than asked for are near', () => {
  const all = [one, two, far];
  expect(served({ version: '^1' }, all, parseNear('zone:eu-1', 2))).toEqual(['a', 'b']);
  expect(served({ version: '^1' }, all, parseNear('zone:eu-1', 3))).toEqual(['a', 'b', 'c']);
  expect(served({ version: '^1' }, all, parseNear('zone:eu-3'))).toEqual(['a', 'b', 'c']);
});

it('counts only what takes requests', () => {
  const drains = at('web/1.0.0/a/1', 'eu-1', true);
  expect(served({ version: '^1' }, [drains, far], near)).toEqual(['a', 'c']);
  expect(served({ version: '^1' }, [drains, two, far], near)).toEqual(['a', 'b']);
});

it('holds for each version of a split by itself, and for a range as a whole', () => {
  const split = { '1.0.0': 90, '2.0.0': 10 };
  expect(served({ split }, [one, far, next], near)).toEqual(['a', 'e']);
  expect(served({ version: '*' }, [one, far, next], near)).toEqual(['a']);
});

it('leaves all where no preference is given', () => {
  expect(partedBy({ version: '*' }, [one, far], undefined)).toEqual({ served: [one, far], spare: [] });
});

it('reads metadata as filters do', () => {
  const rack = registrationOf('web/1.0.0/a/1', { meta: { rack: { row: 3 }, url: 'http://x' } });
  for (const written of ['rack.row:3', 'url:http://x'])
    expect(served({ version: '*' }, [rack, far], parseNear(written))).toEqual(['a']);
});

describe('a preference in words', () => {
  it.each(['', 'zone', 'zone:', ':eu-1', `${'n'.repeat(129)}:x`, `zone:${'x'.repeat(4097)}`])(
    'is none: %j',
    (written) => {
      expect(() => parseNear(written)).toThrow(/'near' must/);
    },
  );

  it('has a key of its own', () => {
    const keys = [undefined, parseNear('a:b:c'), parseNear('a:b'), parseNear('a:b', 2)].map(nearKey);
    expect(new Set(keys).size).toBe(keys.length);
  });
});
