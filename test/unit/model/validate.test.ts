import { describe, expect, it } from '@jest/globals';
import { check } from '../../../src/model/validate.js';

/** `value`, and how often something in it was read. */
function counted<T extends object>(value: T): { value: T; reads: () => number } {
  let reads = 0;
  const get = (target: T, key: string | symbol): unknown => {
    if (key !== 'length') reads++;
    return Reflect.get(target, key);
  };
  return { value: new Proxy(value, { get }), reads: () => reads };
}

describe('what is too much is refused before all of it is looked at', () => {
  it('ids to renew', () => {
    const ids = counted(Array.from({ length: 20_000 }, () => 1));
    expect(() => check('renewals', { ids: ids.value })).toThrow("'ids' must have at most 10000 entries");
    expect(ids.reads()).toBeLessThan(100);
  });

  it('ids that are none', () => {
    const ids = counted(Array.from({ length: 9000 }, () => 1));
    expect(() => check('renewals', { ids: ids.value })).toThrow(
      "'ids.0' must be a registration id, or an object with one, not 1",
    );
    expect(ids.reads()).toBeLessThan(100);
  });

  it('versions in a split', () => {
    const split = counted(Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`v${index}`, 1])));
    expect(() => check('backend', { name: 'web', app: 'web', split: split.value })).toThrow(
      "'split' must have up to 16 versions, and a weight above 0",
    );
    expect(split.reads()).toBeLessThan(100);
  });
});
