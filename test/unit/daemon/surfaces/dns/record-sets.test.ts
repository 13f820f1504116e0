import { expect, it } from '@jest/globals';
import { addressSet, srvSet } from '../../../../../src/daemon/surfaces/dns/record-sets.js';

/** Two versions that claim one address, while one of them is about to end. */
const [drains, serves] = [
  { app: 'web', host: '10.0.0.1', port: 80, weight: 0 },
  { app: 'web', host: '10.0.0.1', port: 80, weight: 3 },
];

it('has one record for each place, with the highest weight', () => {
  for (const members of [
    [drains, serves],
    [serves, drains],
  ]) {
    const { answers, additionals } = srvSet(members, 'bender', false);
    // Type, class, TTL and length are ten bytes, the priority is two.
    expect(answers.map((bytes) => bytes.readUInt16BE(12))).toEqual([3]);
    expect(additionals).toHaveLength(1);
  }
});

it('has each address once, of those that have a weight', () => {
  expect(addressSet([serves, { ...serves, port: 81 }], 4).answers).toHaveLength(1);
  expect(addressSet([drains], 4).answers).toEqual([]);
});

it('costs something also without records', () => {
  for (const set of [srvSet([], 'bender', false), addressSet([serves], 6)]) expect(set.cost).toBe(1);
});
