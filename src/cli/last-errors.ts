/**
 * Ends the process with one line on stderr after an error that nothing has caught, or if an output takes nothing. Node
 * would print the line of the bundle in which it happened, which is thousands of characters long.
 */

import { closeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { printable, printableStack } from '../model/printable.js';
import { withoutCredentials } from '../model/secrets.js';

export function endOnErrors(): void {
  closeDeadTerminals();
  process.on('uncaughtException', (error: unknown) => end(error));
  process.stdout.on('error', onOutputError);
  // There is no output left for it.
  process.stderr.on('error', () => undefined);
}

/**
 * The reader is gone, or the disk is full. `bender ls` has failed then; `bender serve` goes on without the line. A
 * closed pipe is no error, as for other programs.
 */
function onOutputError({ code, message }: NodeJS.ErrnoException): void {
  if (code === 'EPIPE' || process.exitCode === 1) return;
  process.exitCode = 1;
  process.stderr.write(`Error: cannot write to stdout: ${printable(message)}\n`);
}

function end(error: unknown): void {
  const known = error instanceof Error ? error : new Error(String(error));
  // oclif throws the errors of stdout.
  if ((known as NodeJS.ErrnoException).syscall === 'write') return onOutputError(known);
  // A daemon logs it, with what it was doing: src/daemon/uncaught.ts.
  if (process.listenerCount('uncaughtException') > 1) return;
  process.stderr.write(`Error: ${printable(withoutCredentials(known.message), 600)}\n`);
  if (process.env.DEBUG) process.stderr.write(`${printableStack(known)}\n`);
  process.exit(1);
}

/**
 * At its end, Node sets terminals to what they were, and aborts with a stack if one is gone, as when its window was
 * closed. It leaves out what is closed.
 */
function closeDeadTerminals(): void {
  const terminals = [0, 1, 2].filter((file) => isatty(file));
  process.on('exit', () => {
    for (const file of terminals) if (!isatty(file)) closeSync(file);
  });
}
