/**
 * Limits how much garbage the process keeps. Import this first in a program that runs a daemon.
 *
 * V8 is made for programs that end or own their machine: under load its young generation grows to 32 MB and stays
 * there, and the rest of the heap may grow to several times what is live before it is collected. A daemon is small,
 * runs for months, and shares its host with the services that it registers.
 */

import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/**
 * Bytes of the young generation, both halves together. It begins with 2 MiB, and shrinks to that when a daemon is idle.
 * With so little, a daemon under load spends a quarter of its time on collecting; with more than this, hardly less.
 */
const youngBytes = 8 * 1024 * 1024;

/** How often its size is checked. */
const lookEveryMs = 100;

// V8 reads all of these whenever it decides, so that they count for the whole process from now on.
let growthFactor: number | undefined;
limitGrowth();
setInterval(limitGrowth, lookEveryMs).unref();
// The heap may double what is live. Half of it makes registering take half as long again, for no less memory at rest.
setFlagsFromString('--heap-growing-percent=100');

/**
 * Lets the young generation grow, as far as it needs to, up to {@link youngBytes}. V8 has no limit that can be set
 * later.
 */
function limitGrowth(): void {
  const young = getHeapSpaceStatistics().find((space) => space.space_name === 'new_space');
  const wanted = young && young.space_size < youngBytes ? 2 : 1;
  if (wanted === growthFactor) return;
  growthFactor = wanted;
  setFlagsFromString(`--semi-space-growth-factor=${wanted}`);
}
