/** Output of long-running commands. */

import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long pending output may take at the end. */
const lastWordsMs = 500;

/**
 * Keeps this process running if the reader of its output is gone (a closed pipe, a log reader that restarts) or its
 * output is full (a disk, a pipe that is not read). Only lines are lost then.
 */
export function outliveOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    // oclif's own listener throws whatever is no EPIPE.
    stream.removeAllListeners('error');
    stream.on('error', () => undefined);
  }
}

/** Resolves when stdout takes more, or is closed, or `over` aborts, so that unread output does not pile up. */
export async function outputTaken(over: AbortSignal): Promise<void> {
  const { stdout } = process;
  if (!stdout.writableNeedDrain || stdout.destroyed) return;
  await once(stdout, 'drain', { signal: over }).catch(() => undefined);
}

/** Settles when all is written; soon, if a reader hangs, which must not keep this process from ending. */
export async function outputWritten(): Promise<void> {
  const written = [process.stdout, process.stderr].map(
    (stream) => new Promise<void>((resolve) => void stream.write('', () => resolve())),
  );
  await Promise.race([Promise.all(written), sleep(lastWordsMs)]);
}
