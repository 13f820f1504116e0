/** Lists processes: by /proc on Linux; elsewhere by `ps`, which does not know environments. */

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

interface Process {
  pid: number;
  /** One letter: Z is a zombie, T is stopped. */
  state: string;
  parent: number;
  group: number;
}

/** Selects processes: a program, its descendants, and those with this mark in their environment. */
export interface Family {
  pid: number;
  /** Whether the program leads a process group, all of which is selected. */
  ownsGroup: boolean;
  /** `NAME=VALUE`, as in the environment. */
  mark: string;
}

/** The ids of the family's processes that run; those of the group `except` are left out. */
export function membersOf({ pid, ownsGroup, mark }: Family, except?: number): number[] {
  const all = processes().filter(({ state }) => state !== 'Z' && state !== 'X');
  const found = new Set<number>();
  for (const one of all)
    if (one.pid === pid || (ownsGroup && one.group === pid) || hasMark(one.pid, mark)) found.add(one.pid);
  for (let grown = true; grown;) {
    const before = found.size;
    for (const one of all) if (found.has(one.parent)) found.add(one.pid);
    grown = found.size > before;
  }
  found.delete(process.pid);
  return all.filter((one) => found.has(one.pid) && one.group !== except).map((one) => one.pid);
}

/** Whether the process, or one that it started, is suspended. */
export function isStopped(pid: number): boolean {
  return processOf(pid)?.state === 'T' || childrenOf(pid).some(isStopped);
}

/**
 * What tells the process from all others that had its pid before: when it was started, and since which start of the
 * machine that counts. undefined if it has ended.
 */
export function birthOf(pid: number): string | undefined {
  if (process.platform !== 'linux') return birthByPs(pid);
  try {
    const fields = statFields(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${fields[19]}`;
  } catch {
    return undefined;
  }
}

function birthByPs(pid: number): string | undefined {
  try {
    const said = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      // The start must read the same for the daemon and for the command that stops it.
      env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
    }).trim();
    const [state = '', ...start] = said.split(/\s+/);
    return state === '' || state.startsWith('Z') ? undefined : start.join(' ');
  } catch {
    return undefined; // There is no such process.
  }
}

/**
 * Whether a terminal controls this process, so that what is typed there reaches its group. Under nohup it does not
 * count: what runs there is to outlive the terminal.
 */
export function hasTerminal(): boolean {
  if (outlivesTerminal()) return false;
  try {
    return Number(statFields(readFileSync('/proc/self/stat', 'utf8'))[4]) !== 0;
  } catch {
    return process.platform !== 'linux' && (process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY);
  }
}

/** Whether this process was started by nohup. Node undoes what nohup does, so it cannot be seen by the signal. */
export const outlivesTerminal = (): boolean => /(^|\/)nohup$/.test(process.env._ ?? '');

function processes(): Process[] {
  if (process.platform !== 'linux') return processesByPs();
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => processOf(Number(name)) ?? []);
}

function processOf(pid: number): Process | undefined {
  if (process.platform !== 'linux') return processesByPs().find((one) => one.pid === pid);
  try {
    const [state, parent, group] = statFields(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    return { pid, state: state!, parent: Number(parent), group: Number(group) };
  } catch {
    return undefined; // It has just ended.
  }
}

/**
 * The children, by a list that Linux keeps for each thread: a look at all processes costs much if there are many.
 */
function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return []; // It has just ended, or this is no Linux.
  }
}

/** The fields after the name of the program, which may contain any character. */
const statFields = (stat: string): string[] => stat.slice(stat.lastIndexOf(')') + 2).split(' ');

function processesByPs(): Process[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,stat=,ppid=,pgid='], { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => {
    const [pid, state, parent, group] = line.trim().split(/\s+/);
    if (!group) return [];
    return [{ pid: Number(pid), state: state![0]!, parent: Number(parent), group: Number(group) }];
  });
}

function hasMark(pid: number, mark: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(mark);
  } catch {
    return false; // Another user's, or it has just ended.
  }
}
