/** A program that runs below this one, and everything that it starts. */

import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BenderError, InvalidError } from '../model/errors.js';
import { withoutSecrets } from '../model/secrets.js';
import { Guard } from './guard.js';
import { type Family, hasTerminal, isStopped, membersOf } from './processes.js';
import { GroupSignals } from './group-signals.js';

const hint = " (CMD and its arguments are words of their own; for a line of a shell: sh -c '…')";

/** Throws InvalidError if there is no such program, before anything is done for it. */
export function assertExists(command: string): void {
  const folders = command.includes('/') ? [''] : (process.env.PATH ?? '').split(delimiter);
  if (!folders.some((folder) => existsSync(join(folder, command))))
    throw new InvalidError(`cannot start '${command}': there is no such program${/\s/.test(command) ? hint : ''}`);
}

/** How a program has ended. */
export interface Ending {
  /** Its exit code; 128 and the number of the signal that ended it, as shells say it. */
  code: number;
  /** The signal that ended it. */
  signal?: NodeJS.Signals;
}

/** How often to check whether the processes have ended. */
const pollMs = 50;

/** How long to wait silently; half of the grace period if that is less. */
const quietMs = 2000;

/** Told, with the processes that are left, while they are waited for. */
export interface LastWords {
  /** Some are still there after a while. */
  onWait: (pids: number[]) => void;
  /** Their time is over: they are killed. */
  onKill: (pids: number[]) => void;
}

/** The variable that marks all processes of one program, so that they are found in other groups, too. */
const markName = 'BENDER_PROGRAM';

/**
 * What always holds:
 * 1. With a terminal, the program is in this process's group: Ctrl-C, Ctrl-Z and reading from the terminal work as they
 *    do without bender. Otherwise it leads a group and a session of its own.
 * 2. A signal reaches each of its processes once: if the terminal (or a `kill` of the whole group) has sent it to the
 *    program as well, it is not passed on.
 * 3. If this process is killed, a guard ends the program.
 */
export class Program {
  /** Settles when the program itself has ended; others that it started may go on. */
  readonly ended: Promise<Ending>;
  readonly #signalled = new Set<NodeJS.Signals>();

  private constructor(
    private readonly child: ChildProcess,
    private readonly mark: string,
    /** Undefined if it has a group of its own. */
    private readonly shared: GroupSignals | undefined,
    private readonly guard: Guard,
  ) {
    this.ended = new Promise((resolve) => {
      child.once('exit', (code, signal) =>
        resolve(signal ? { code: 128 + constants.signals[signal], signal } : { code: code! }),
      );
    });
  }

  /** Rejects if it cannot be started at all. */
  static async start([command, ...args]: string[], env: Record<string, string>): Promise<Program> {
    const mark = crypto.randomUUID();
    const sharesGroup = hasTerminal();
    const child = spawn(command!, args, {
      stdio: 'inherit',
      env: { ...withoutSecrets(process.env), ...env, [markName]: mark },
      detached: !sharesGroup,
    });
    try {
      await once(child, 'spawn');
    } catch (error) {
      throw new BenderError('INVALID', `cannot start '${command}': ${(error as Error).message}`, {
        cause: error,
      });
    }
    const guard = new Guard(`${markName}=${mark}`, sharesGroup ? undefined : child.pid!);
    return new Program(child, mark, sharesGroup ? new GroupSignals() : undefined, guard);
  }

  get pid(): number {
    return this.child.pid!;
  }

  get #family(): Family {
    return { pid: this.pid, ownsGroup: !this.shared, mark: `${markName}=${this.mark}` };
  }

  /** Whether it is suspended (SIGSTOP), so that it cannot answer. */
  isStopped(): boolean {
    return isStopped(this.pid);
  }

  /** Whether the program was sent this signal, by bender or by the terminal. */
  wasSent(signal: NodeJS.Signals): boolean {
    return this.#signalled.has(signal);
  }

  /** Whether the signal that bender has just received was also sent to the program by the terminal. Call it at once. */
  async hasReached(signal: NodeJS.Signals): Promise<boolean> {
    const reached = (await this.shared?.reachedAll(signal)) ?? false;
    if (reached) this.#signalled.add(signal);
    return reached;
  }

  /** The ids of its processes that still run, itself among them. */
  remaining(): number[] {
    return membersOf(this.#family);
  }

  /** Ends its remaining processes: SIGTERM now, SIGKILL after `graceMs`. Resolves when none is left. */
  async end(graceMs: number, words: LastWords): Promise<void> {
    if (this.remaining().length > 0) {
      this.signal('SIGTERM');
      await this.killAfter(graceMs, words);
    }
    this.release();
  }

  /** Waits until none of its processes is left. Those that remain after `graceMs` are killed. */
  async killAfter(graceMs: number, { onWait, onKill }: LastWords): Promise<void> {
    const deadline = performance.now() + graceMs;
    const wordAt = deadline - graceMs + Math.min(quietMs, graceMs / 2);
    let isTold = false;
    for (let now = performance.now(); now < deadline; now = performance.now()) {
      const left = this.remaining();
      if (left.length === 0) return;
      if (!isTold && now >= wordAt) {
        isTold = true;
        onWait(left);
      }
      await sleep(Math.min(pollMs, deadline - now));
    }
    for (let told = false; this.remaining().length > 0; told = true) {
      if (!told) onKill(this.remaining());
      this.signal('SIGKILL');
      await sleep(pollMs);
    }
  }

  /** None of its processes is left: stops watching it. */
  release(): void {
    this.guard.dismiss();
    this.shared?.close();
  }

  /** Sends a signal to all of its processes. */
  signal(signal: NodeJS.Signals): void {
    this.#signalled.add(signal);
    // A process group of its own gets the signal as a whole.
    const others = membersOf(this.#family, this.shared ? undefined : this.pid);
    for (const target of [...(this.shared ? [] : [-this.pid]), ...others]) {
      try {
        process.kill(target, signal);
      } catch {
        // It has just ended.
      }
    }
  }
}
