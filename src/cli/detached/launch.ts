/** Starting a daemon that outlives the command which starts it, and finding out whether it did start. */

import { spawn } from 'node:child_process';
import { closeSync, fstatSync, mkdirSync, openSync, readSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { exitCodes } from '../exit-codes.js';
import { BenderError, type ErrorCode, TimedOutError } from '../../model/errors.js';
import { exactly } from '../durations.js';

/** The variable that tells a daemon that it was started this way: it writes a pid file and sends a {@link Started}. */
export const detachedMark = 'BENDER_DETACHED';

/** The message of a detached daemon to the command that has started it, once it listens and has joined. */
export interface Started {
  port: number;
  /** What `bender serve` prints then. */
  line: string;
}

export interface Launch {
  /** The program of Node's, and its arguments. */
  args: readonly string[];
  /** The file that its output is appended to. */
  log: string;
  /** ms that it may take. */
  timeoutMs: number;
}

/** How many lines of the log are printed if it did not start. */
const mostLines = 5;

/** How much of the log is looked at for them. */
const mostBytes = 64 * 1024;

/** Why a daemon did not start, with the last lines of its log. */
export class NotStartedError extends BenderError {
  constructor(
    code: ErrorCode,
    message: string,
    readonly lastLines: readonly string[],
  ) {
    super(code, message);
  }
}

/** Resolves with the daemon's message and pid once it serves. Rejects if it ends before, or takes too long. */
export async function launch({ args, log, timeoutMs }: Launch): Promise<Started & { pid: number }> {
  mkdirSync(dirname(log), { recursive: true, mode: 0o700 });
  const output = openSync(log, 'a', 0o600);
  const before = statSync(log).size;
  const child = spawn(process.execPath, [...process.execArgv, ...args], {
    stdio: ['ignore', output, output, 'ipc'],
    env: { ...process.env, [detachedMark]: '1' },
    detached: true,
  });
  closeSync(output);
  const giveUp = (signal: NodeJS.Signals): void => {
    child.kill('SIGTERM');
    process.exit(signal === 'SIGINT' ? 130 : 143);
  };
  process.once('SIGINT', giveUp).once('SIGTERM', giveUp);
  let timer: NodeJS.Timeout | undefined;
  try {
    const started = await new Promise<Started>((resolve, reject) => {
      child.once('message', (said) => resolve(said as Started));
      child.once('error', reject);
      child.once('exit', (code, signal) => reject(ended(code, signal, linesSince(log, before))));
      timer = setTimeout(() => {
        child.kill('SIGTERM');
        const { message } = new TimedOutError(`it is not ready to serve after ${exactly(timeoutMs)}: stopped it`);
        reject(new NotStartedError('TIMED_OUT', message, linesSince(log, before)));
      }, timeoutMs);
    });
    return { ...started, pid: child.pid! };
  } finally {
    clearTimeout(timer);
    process.off('SIGINT', giveUp).off('SIGTERM', giveUp);
    child.removeAllListeners();
    if (child.connected) child.disconnect();
    child.unref();
  }
}

/** The last line that a command writes says why it failed. */
function ended(code: number | null, signal: string | null, lines: readonly string[]): NotStartedError {
  const last = lines.at(-1)?.replace(/^Error: /, '');
  const how = signal === null ? `exit code ${code}` : signal;
  const codes = Object.entries(exitCodes) as [ErrorCode, number][];
  // Only what starting a daemon can end with: 1, 2 or 5.
  const like = codes.find(([name, exit]) => exit === code && ['INVALID', 'NAME_TAKEN'].includes(name))?.[0];
  return new NotStartedError(like ?? 'INTERNAL', `it ended with ${how}: ${last ?? 'it said nothing'}`, lines);
}

/** None if the log cannot be read: it only explains an error. */
function linesSince(log: string, start: number): string[] {
  try {
    const lines = endOf(log, start).toString('utf8').split('\n');
    return lines.filter((line) => line.trim() !== '').slice(-mostLines);
  } catch {
    return [];
  }
}

function endOf(log: string, start: number): Buffer {
  const file = openSync(log, 'r');
  try {
    const { size } = fstatSync(file);
    const from = Math.max(start, size - mostBytes);
    const bytes = Buffer.alloc(Math.max(0, size - from));
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, from));
  } finally {
    closeSync(file);
  }
}
