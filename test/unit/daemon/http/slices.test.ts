import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { inSlices, type Sliced } from '../../../../src/daemon/http/slices.js';

/** ms by the clock that the work sees: it moves only when work is done. */
let now: number;
beforeEach(() => {
  now = 0;
  jest.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => {
  jest.restoreAllMocks();
});

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Work of so many steps of 1 ms, which notes the turn of the event loop in which each is done. */
function* work(name: string, steps: number, noted: string[]): Sliced<string> {
  for (let step = 0; step < steps; step++) {
    now++;
    noted.push(name);
    yield;
  }
  return name;
}

/** What each turn has noted, until this is settled. */
async function byTurn(promise: unknown, noted: string[]): Promise<string[][]> {
  let isOver = false;
  void Promise.resolve(promise)
    .catch(() => undefined)
    .then(() => (isOver = true));
  const turns: string[][] = [];
  while (!isOver) {
    turns.push(noted.splice(0));
    await turn();
  }
  turns.push(noted.splice(0));
  return turns;
}

it('does short work at once', () => {
  expect(inSlices(work('short', 3, []))).toBe('short');
});

it('does long work in turns of some milliseconds', async () => {
  const noted: string[] = [];
  const done = inSlices(work('long', 100, noted));
  expect(done).toBeInstanceOf(Promise);
  const turns = await byTurn(done, noted);
  expect(await done).toBe('long');
  expect(turns.flat()).toHaveLength(100);
  expect(Math.max(...turns.map(({ length }) => length))).toBeLessThanOrEqual(9);
});

it('does several works of which each is long in the same time of a turn, each a part of it', async () => {
  const noted: string[] = [];
  const done = Promise.all(['a', 'b', 'c'].map(async (name) => inSlices(work(name, 30, noted))));
  noted.length = 0;
  const turns = (await byTurn(done, noted)).filter(({ length }) => length > 0);
  expect(await done).toEqual(['a', 'b', 'c']);
  expect(Math.max(...turns.map(({ length }) => length))).toBeLessThanOrEqual(11);
  expect(new Set(turns[0])).toEqual(new Set(['a', 'b', 'c']));
});

it('fails alone where one fails, at once or later', async () => {
  const fail = function* (steps: number): Sliced<never> {
    yield* work('', steps, []);
    throw new Error('broken');
  };
  expect(() => inSlices(fail(0))).toThrow('broken');
  const [failing, other] = [inSlices(fail(20)), inSlices(work('other', 20, []))];
  await expect(failing).rejects.toThrow('broken');
  expect(await other).toBe('other');
});
