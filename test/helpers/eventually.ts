/** Waiting for something to become true, never for time to pass. */

import { setTimeout as sleep } from 'node:timers/promises';

/** Answers what `probe` answers as soon as it neither throws nor answers undefined or false; throws at the deadline. */
export async function eventually<T>(
  probe: () => T | Promise<T>,
  { withinMs = 10_000, everyMs = 20 } = {},
): Promise<Exclude<T, undefined | false>> {
  const deadline = performance.now() + withinMs;
  let failure: unknown = new Error('it was never so');
  do {
    try {
      const result = await probe();
      if (result !== undefined && result !== false) return result as Exclude<T, undefined | false>;
    } catch (error) {
      failure = error;
    }
    await sleep(everyMs);
  } while (performance.now() < deadline);
  throw new Error(`not within ${withinMs} ms`, { cause: failure });
}

/** Throws as soon as `probe` answers true within `forMs`: for what must not happen. */
export async function never(probe: () => boolean, { forMs }: { forMs: number }): Promise<void> {
  const end = performance.now() + forMs;
  while (performance.now() < end) {
    if (probe()) throw new Error('it happened, and must not');
    await sleep(20);
  }
}
