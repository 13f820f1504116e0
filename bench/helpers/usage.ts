/** What Linux knows about a process; NaN elsewhere. */

import { existsSync, readFileSync } from 'node:fs';

/** /proc counts in these (USER_HZ, 100 on every Linux that Node runs on). */
const ticksPerSecond = 100;

const read = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, 'utf8') : undefined);

/** s of CPU that a process has used so far, in user and kernel mode, all threads together; in steps of 10 ms. */
export function cpuSeconds(pid: number): number {
  const stat = read(`/proc/${pid}/stat`);
  return stat === undefined ? NaN : cpuSecondsIn(stat);
}

/** Of the text of /proc/PID/stat; the second field, the name in brackets, may contain anything. */
export function cpuSecondsIn(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** ms for which its main thread, that of the event loop, has been running so far; to the nanosecond. */
export function mainThreadMs(pid: number): number {
  const text = read(`/proc/${pid}/task/${pid}/schedstat`);
  return text === undefined ? NaN : Number(text.split(' ')[0]) / 1e6;
}

/** MB (10^6 bytes) of it in physical memory. */
export function rssMB(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? '');
  return line ? (Number(line[1]) * 1024) / 1e6 : NaN;
}
