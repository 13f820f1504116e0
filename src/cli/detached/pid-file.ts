/**
 * The file that says which process is the detached daemon of a port: its pid, and on a second line which of all
 * processes that ever had this pid.
 */

import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { birthOf } from '../processes.js';

export interface DaemonProcess {
  pid: number;
  /** Tells it from all others that ever have this pid. */
  birth: string;
}

export class PidFile {
  readonly path: string;
  /** Where the daemon's log is. */
  readonly log: string;

  constructor(folder: string, port: number) {
    this.path = join(folder, `${port}.pid`);
    this.log = logIn(folder, port);
  }

  /** Says that `pid` is the daemon. */
  write(pid: number): void {
    mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
    // A reader never sees a part of it.
    const beside = `${this.path}.${pid}.tmp`;
    writeFileSync(beside, `${pid}\n${birthOf(pid) ?? ''}\n`);
    renameSync(beside, this.path);
  }

  /** The daemon; undefined if there is none, or if another process has its pid now. */
  running(): DaemonProcess | undefined {
    const said = this.#read();
    return said && said.birth === birthOf(said.pid) ? said : undefined;
  }

  /** Removes the file, unless a later daemon has written it. */
  remove(pid: number): void {
    if (this.#read()?.pid === pid) rmSync(this.path, { force: true });
  }

  /** Ports of the daemons that run detached. */
  static ports(folder: string): number[] {
    return namesIn(folder)
      .flatMap((name) => /^(\d+)\.pid$/.exec(name)?.slice(1).map(Number) ?? [])
      .filter((port) => new PidFile(folder, port).running() !== undefined)
      .sort((a, b) => a - b);
  }

  #read(): DaemonProcess | undefined {
    try {
      const [pid = '', birth = ''] = readFileSync(this.path, 'utf8').split('\n');
      return /^[1-9]\d*$/.test(pid) && birth !== '' ? { pid: Number(pid), birth } : undefined;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }
}

/** The log of the daemon of a port, or of one that has none yet. */
export const logIn = (folder: string, port: number | string): string => join(folder, `${port}.log`);

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
