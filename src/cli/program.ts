/** A program that runs below this one, on the same terminal. */

import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { BenderError } from '../model/errors.js';

export class Program {
  /** Its exit code; 128 and the number of the signal that ended it, as shells say it. */
  readonly exited: Promise<number>;

  private constructor(private readonly child: ChildProcess) {
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal!]));
    });
  }

  /** Rejects where it cannot be started at all. */
  static async start([command, ...args]: string[], env: Record<string, string>): Promise<Program> {
    const child = spawn(command!, args, { stdio: 'inherit', env: { ...process.env, ...env } });
    const program = new Program(child);
    try {
      await once(child, 'spawn');
    } catch (error) {
      throw new BenderError('INVALID', `cannot start '${command}': ${(error as Error).message}`, {
        cause: error,
      });
    }
    return program;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }
}
