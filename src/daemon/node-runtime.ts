/** The real world for the core: this process's clocks, timers and random source. */

import { randomFillSync } from 'node:crypto';
import type { Runtime, Timer } from './core/runtime.js';
import { processUsage } from './process-usage.js';
import { ed25519 } from './ed25519.js';

/** Node fires timers above this at once. */
const longestTimeoutMs = 2 ** 31 - 1;

export const nodeRuntime: Runtime = {
  now: () => performance.now(),
  wallNow: () => Date.now(),
  after,
  // Immediates run after the poll phase: whatever a timer fires comes after the input that was waiting.
  defer: (run) => void setImmediate(run),
  usage: processUsage,
  randomId,
  ...ed25519,
};

/** Random bytes fetched at a time: asking for sixteen takes as long as asking for thousands. */
const random = Buffer.alloc(4096);
const idBytes = 16;
let used = random.length;

function randomId(): string {
  if (used === random.length) {
    randomFillSync(random);
    used = 0;
  }
  used += idBytes;
  return random.toString('base64url', used - idBytes, used);
}

function after(delayMs: number, run: () => void): Timer {
  let handle: NodeJS.Timeout;
  const arm = (leftMs: number): void => {
    handle =
      leftMs > longestTimeoutMs
        ? setTimeout(() => arm(leftMs - longestTimeoutMs), longestTimeoutMs)
        : setTimeout(run, leftMs);
  };
  arm(delayMs);
  return { cancel: () => clearTimeout(handle) };
}
