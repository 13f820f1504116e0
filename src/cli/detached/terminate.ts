import { setTimeout as sleep } from 'node:timers/promises';
import { birthOf } from '../processes.js';

/** ms between two looks. */
const lookEveryMs = 50;

/** Sends SIGTERM to the process and waits until it has ended; false if it still runs after `timeoutMs`. */
export async function terminate(pid: number, timeoutMs: number): Promise<boolean> {
  const birth = birthOf(pid);
  process.kill(pid, 'SIGTERM');
  const end = performance.now() + timeoutMs;
  while (birthOf(pid) === birth) {
    if (performance.now() >= end) return false;
    await sleep(lookEveryMs);
  }
  return true;
}
