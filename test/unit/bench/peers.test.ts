import { expect, it } from '@jest/globals';
import { idOf, numbers } from '../../../bench/helpers/instances.js';
import { grantsAndPuts } from '../../../bench/peers/etcd.js';
import { LeftOut } from '../../../bench/peers/left-out.js';
import { readRedisBenchmark } from '../../../bench/peers/redis.js';
import { cells } from '../../../bench/peers/tables.js';
import { idOfNode, nodeOf, rangeOf } from '../../../bench/peers/values.js';

it('grants every lease long before something is put with it', () => {
  const messages = grantsAndPuts(numbers(5000, 7));
  expect(messages).toHaveLength(10_000);
  const granted = new Map<unknown, number>();
  for (const [place, { path, body }] of messages.entries()) {
    const { ID, lease } = JSON.parse(body!) as { ID?: string; lease?: string };
    if (path === '/v3/lease/grant') granted.set(ID, place);
    else expect(place - granted.get(lease)!).toBeGreaterThanOrEqual(1000);
  }
});

it.each([
  [0, 9],
  [70, 79],
])('has instances %d to %d in one range, and those beside it not', (first, last) => {
  const [from, to] = rangeOf(first);
  const within = (index: number): boolean => {
    const key = Buffer.from(idOf(index));
    return key.compare(from) >= 0 && key.compare(to) < 0;
  };
  expect(numbers(1000).filter(within)).toEqual(numbers(last - first + 1, first));
});

it('knows an instance by its node', () => {
  expect(idOfNode(nodeOf(12_345))).toBe(idOf(12_345));
});

it('reads how much redis-benchmark has done, whatever the command was', () => {
  const output = [
    '"test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max_latency_ms"',
    '"SET k {"a":"1"} EX 9","78492.93","0.266","0.048","0.207","0.527","0.695","2.663"',
  ];
  expect(readRedisBenchmark(`${output.join('\n')}\n`)).toBe(78_492.93);
  expect(() => readRedisBenchmark('Could not connect')).toThrow('nothing of use');
});

it('leaves out what has failed once, and says why; without one of them nothing is said', async () => {
  const leftOut = new LeftOut('us');
  const fail = (why: string) => async () => Promise.reject(new Error(why));
  expect(await leftOut.unless('a', async () => 1)).toBe(1);
  expect(await leftOut.unless('a', fail('no room'))).toBeUndefined();
  expect(await leftOut.unless('a', async () => 1)).toBeUndefined();
  expect(await leftOut.unless('b', async () => 2)).toBe(2);
  expect([...leftOut.reasons]).toEqual([['a', 'no room']]);
  await expect(leftOut.unless('us', fail('no way'))).rejects.toThrow('no way');
});

it('lets those that run take turns, without those that do not', async () => {
  const leftOut = new LeftOut('us');
  let turn = 0;
  const failing = async () => Promise.reject(new Error('no'));
  const once = async () => (turn++ === 0 ? 'one' : failing());
  const works = { us: async () => 'ours', never: failing, once, nothing: undefined };
  const found = await leftOut.inTurns<string>(2, works);
  expect([...found]).toEqual([
    ['us', ['ours', 'ours']],
    ['once', ['one']],
  ]);
});

it.each([
  [[14, 37], '14 / 37'],
  [[14, NaN], '14 / –'],
  [[NaN, undefined], '–'],
])('writes %j into a cell', (values, text) => {
  expect(cells(...values)).toBe(text);
});
