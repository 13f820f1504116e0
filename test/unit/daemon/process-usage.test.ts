import { expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { processUsage } from '../../../src/daemon/process-usage.js';

/** How long something took, and the part of it for which this process was not active, in ms. */
async function measure(work: () => unknown): Promise<{ took: number; awayMs: number }> {
  const [begun, { activeMs }] = [performance.now(), processUsage()];
  await work();
  const took = performance.now() - begun;
  return { took, awayMs: took - (processUsage().activeMs - activeMs) };
}

it('counts the time of work, and that of waiting for a processor, but not that of waiting for events', async () => {
  const spin = (): void => {
    const end = performance.now() + 300;
    while (performance.now() < end);
  };
  // Not exactly all, and not each time: what a hypervisor takes away is in neither.
  const parts: number[] = [];
  for (const _ of [1, 2, 3]) {
    const { took, awayMs } = await measure(spin);
    parts.push(awayMs / took);
  }
  if (process.platform === 'linux') expect(Math.min(...parts)).toBeLessThan(0.5);
  const idle = await measure(() => sleep(300));
  expect(idle.awayMs).toBeGreaterThan(200);
});

it('says that the machine has not slept', async () => {
  const { asleepMs } = processUsage();
  await sleep(50);
  expect(Math.abs(processUsage().asleepMs - asleepMs)).toBeLessThan(50);
});
