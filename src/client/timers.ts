/** The clock and timers of the client. Tests inject virtual ones. */

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
  sleep,
  random: Math.random,
};

/** Node fires longer timers at once. */
const longestTimeoutMs = 2 ** 31 - 1;

/** Limits a timeout to what Node's timers support: 24 days. */
export const clampTimeout = (ms: number): number => Math.min(ms, longestTimeoutMs);

async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  for (let left = Math.max(0, ms); left >= 0 && !signal?.aborted; left -= longestTimeoutMs)
    await delay(clampTimeout(left), undefined, signal && { signal }).catch(() => undefined);
}

/** Aborts after `ms`, like `AbortSignal.timeout`, but may exceed 24 days. Does not keep the process running. */
export function timeoutSignal(ms: number): AbortSignal {
  if (ms <= longestTimeoutMs) return AbortSignal.timeout(ms);
  const controller = new AbortController();
  const wait = (left: number): void => {
    setTimeout(() => {
      if (left > longestTimeoutMs) wait(left - longestTimeoutMs);
      else controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
    }, clampTimeout(left)).unref();
  };
  wait(ms);
  return controller.signal;
}
