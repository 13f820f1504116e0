import { describe, expect, it } from '@jest/globals';
import { strategyOf } from '../../../../src/client/pool/strategies.js';
import { InvalidError } from '../../../../src/model/errors.js';
import type { Weighted } from '../../../../src/model/weights.js';
import { instanceOf } from '../../../helpers/fake-registry.js';

const weighted = (weights: number[]): Weighted[] =>
  weights.map((weight, index) => ({ ...instanceOf('1.0.0', index + 1), weight }));
const none = (): number => 0;

const portsOf = (count: number, choose: () => Weighted | undefined): string =>
  Array.from({ length: count }, () => choose()!.port).join('');

it('refuses a word that is no strategy', () => {
  expect(() => strategyOf('random' as 'weighted', () => 0, none)).toThrow(
    new InvalidError("'pick' must be weighted, round-robin or least-pending, not 'random'"),
  );
});

describe('round robin', () => {
  it.each([
    [[1, 1, 1], '123123'],
    [[3, 1], '11211121'],
    [[2, 1, 1], '12311231'],
  ])('with the weights %j chooses %s', (weights, expected) => {
    const choose = strategyOf('round-robin', () => 0, none);
    const candidates = weighted(weights);
    expect(portsOf(expected.length, () => choose(candidates))).toBe(expected);
  });

  it('goes on when instances come and go', () => {
    const choose = strategyOf('round-robin', () => 0, none);
    const [one, two, three] = weighted([1, 1, 1]) as [Weighted, Weighted, Weighted];
    expect(portsOf(3, () => choose([one, two]))).toBe('121');
    expect(portsOf(3, () => choose([two, three]))).toBe('232');
    expect(choose([])).toBeUndefined();
  });
});

describe('weighted', () => {
  it('chooses by weight', () => {
    const at = (random: number): number => strategyOf('weighted', () => random, none)(weighted([3, 1]))!.port;
    expect([0, 0.7, 0.75, 0.99].map(at)).toEqual([1, 1, 2, 2]);
  });
});

describe('least pending', () => {
  it.each([
    [[1, 1], { 1: 2, 2: 1 }, 2],
    [[3, 1], { 1: 2, 2: 1 }, 1],
    [[1, 1, 1], { 1: 1, 2: 0, 3: 0 }, 3],
  ])('with the weights %j and %j pending chooses %i', (weights, pending: Record<number, number>, port) => {
    const choose = strategyOf(
      'least-pending',
      () => 0.99,
      (id) => pending[Number(id.split('/')[3])] ?? 0,
    );
    expect(choose(weighted(weights))).toMatchObject({ port });
  });

  it('chooses nothing from nothing', () => {
    expect(strategyOf('least-pending', () => 0, none)([])).toBeUndefined();
  });
});
