/** Work on thousands of items, in batches, so that other work is not held up. */

import type { Runtime } from './runtime.js';

/**
 * Calls `run` with at most `size` of the items at a time, and lets other work run in between. Returns the results of
 * all calls as one array.
 */
export async function inBatches<T, R>(
  runtime: Pick<Runtime, 'defer'>,
  items: readonly T[],
  size: number,
  run: (batch: readonly T[]) => readonly R[],
): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += size) {
    if (at > 0) await new Promise<void>((resolve) => runtime.defer(resolve));
    for (const result of run(items.slice(at, at + size))) results.push(result);
  }
  return results;
}
