import { expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { processUsage } from '../../../src/daemon/process-usage.js';

/** How much longer this process was active, in ms, by the end of what is done. */
async function activeDuring(work: () => unknown): Promise<number> {
  const { activeMs } = processUsage();
  await work();
  return processUsage().activeMs - activeMs;
}

it('counts the time of work, and that of waiting for a processor, but not that of waiting for events', async () => {
  const busy = await activeDuring(() => {
    const end = performance.now() + 300;
    while (performance.now() < end);
  });
  // Whatever else runs on this machine: what was not run was waited for.
  expect(busy).toBeGreaterThan(process.platform === 'linux' ? 250 : 30);
  expect(busy).toBeLessThan(600);
  expect(await activeDuring(() => sleep(300))).toBeLessThan(200);
});

it('says that the machine has not slept', async () => {
  const { asleepMs } = processUsage();
  await sleep(50);
  expect(Math.abs(processUsage().asleepMs - asleepMs)).toBeLessThan(30);
});
