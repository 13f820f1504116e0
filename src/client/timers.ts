/** The time that the client waits by. Tests hand in one that does not wait. */

import { setTimeout as delay } from 'node:timers/promises';

export interface Timers {
  /** Monotonic milliseconds from an arbitrary start. */
  now(): number;
  /** Settles after `ms`, or as soon as `signal` aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** From 0 to 1, for jitter. */
  random(): number;
}

export const realTimers: Timers = {
  now: () => performance.now(),
  sleep: async (ms, signal) => delay(ms, undefined, signal && { signal }).catch(() => undefined),
  random: Math.random,
};
