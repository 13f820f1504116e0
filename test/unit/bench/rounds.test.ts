import { expect, it } from '@jest/globals';
import { compare, interleave } from '../../../bench/helpers/rounds.js';

it('lets the sides take turns, in the other order every other round', async () => {
  const order: string[] = [];
  const side = (name: string) => async () => order.push(name);
  await interleave(3, { a: side('a'), b: side('b') });
  expect(order).toEqual(['a', 'b', 'b', 'a', 'a', 'b']);
});

it('answers what each side measured, in the order of the rounds', async () => {
  let clock = 0;
  const found = await interleave(2, { a: async () => ++clock, b: async () => ++clock });
  expect(found).toEqual({ a: [1, 4], b: [2, 3] });
});

it('takes the median of each figure by itself', async () => {
  const samples = [
    { perSecond: 1, cpu: 30 },
    { perSecond: 9, cpu: 10 },
    { perSecond: 5, cpu: 20 },
  ];
  expect(await compare(3, { only: async () => samples.shift()! })).toEqual({
    only: { perSecond: 5, cpu: 20 },
  });
});
