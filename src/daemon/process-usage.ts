/**
 * How much of the time that passed this process was there for: what tells a busy or starved daemon from a suspended
 * one.
 *
 * On Linux `/proc/self/schedstat` says how long the main thread ran and how long it was ready to run but waited for a
 * processor, which includes throttling by a cgroup. A process that is stopped (SIGSTOP, a debugger, a frozen
 * container) does neither. Elsewhere there is only the processor time, and starvation looks like a suspension.
 *
 * A machine that sleeps stops its monotonic clock as well. On Linux the uptime counts on.
 */

import { openSync, readSync } from 'node:fs';
import { uptime } from 'node:os';
import type { ProcessUsage } from './core/runtime.js';

const isLinux = process.platform === 'linux';
const schedstat = openSchedstat();
const buffer = Buffer.alloc(128);

export const processUsage = (): ProcessUsage => ({
  activeMs: readSchedstat() ?? cpuMs(),
  // macOS derives the uptime from the wall clock, which may jump.
  asleepMs: isLinux ? uptime() * 1000 - performance.now() : 0,
});

function openSchedstat(): number | undefined {
  if (!isLinux) return undefined;
  try {
    return openSync('/proc/self/schedstat', 'r');
  } catch {
    return undefined;
  }
}

/** ms that the main thread ran or waited for a processor; undefined if the kernel does not count that. */
function readSchedstat(): number | undefined {
  if (schedstat === undefined) return undefined;
  try {
    const length = readSync(schedstat, buffer, 0, buffer.length, 0);
    const [ran, waited] = buffer.toString('latin1', 0, length).split(' ');
    const activeMs = (Number(ran) + Number(waited)) / 1e6;
    return activeMs > 0 ? activeMs : undefined;
  } catch {
    return undefined;
  }
}

/** ms of processor time of all threads. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
