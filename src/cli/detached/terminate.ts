import { setTimeout as sleep } from 'node:timers/promises';
import { birthOf } from '../processes.js';
import type { DaemonProcess } from './pid-file.js';

/** ms between two looks. */
const lookEveryMs = 50;

/**
 * Sends SIGTERM to the process and waits until it has ended; false if it still runs after `timeoutMs`. Another process
 * that has its pid by now gets no signal.
 */
export async function terminate({ pid, birth }: DaemonProcess, timeoutMs: number): Promise<boolean> {
  if (birthOf(pid) !== birth) return true;
  try {
    process.kill(pid, 'SIGTERM');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return true;
    throw error;
  }
  const end = performance.now() + timeoutMs;
  while (birthOf(pid) === birth) {
    if (performance.now() >= end) return false;
    await sleep(lookEveryMs);
  }
  return true;
}
