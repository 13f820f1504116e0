import { expect, it } from '@jest/globals';
import { Coalescer } from '../../../src/cli/coalescer.js';
import { VirtualTimers } from '../../helpers/virtual-timers.js';

const start = () => {
  const timers = new VirtualTimers();
  const coalescer = new Coalescer({ min: 200, max: 2000 }, timers);
  const stopping = new AbortController();
  const woken: [why: string, at: number][] = [];
  const wait = (deadline = Infinity): void =>
    void coalescer.next(deadline, stopping.signal).then((why) => woken.push([why, timers.now()]));
  return { timers, coalescer, stopping, woken, wait };
};

it('waits until a burst is over', async () => {
  const { timers, coalescer, woken, wait } = start();
  wait();
  await timers.advance(5000);
  for (let change = 0; change < 3; change++) {
    coalescer.changed();
    await timers.advance(150);
  }
  expect(woken).toEqual([]);
  await timers.advance(1000);
  expect(woken).toEqual([['changed', 5500]]);
});

it('does not wait for the end of a burst that has none', async () => {
  const { timers, coalescer, woken, wait } = start();
  wait();
  for (let change = 0; change < 50; change++) {
    coalescer.changed();
    if (woken.length === 1) break;
    await timers.advance(100);
  }
  expect(woken).toEqual([['changed', 2000]]);
});

it('remembers a change that came while nobody waited', async () => {
  const { timers, coalescer, woken, wait } = start();
  coalescer.changed();
  await timers.advance(5000);
  wait();
  await timers.advance(0);
  wait();
  await timers.advance(1000);
  expect(woken).toEqual([['changed', 5000]]);
});

it('waits no longer than to the deadline, nor after the end', async () => {
  const { timers, stopping, woken, wait } = start();
  wait(700);
  await timers.advance(1000);
  wait();
  await timers.advance(1000);
  stopping.abort();
  await timers.advance(0);
  expect(woken).toEqual([
    ['deadline', 700],
    ['aborted', 2000],
  ]);
});
