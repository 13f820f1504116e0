/** What is printed, by commands that go on for long. */

import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** ms that what is still to be written may take at the end. */
const lastWordsMs = 500;

/**
 * Has this process go on when what reads its output is gone (a pipe that is closed, a log reader that restarts) or full
 * (a disk, a pipe that nobody reads). Lines are lost then, and nothing else.
 */
export function outliveOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    // oclif's own listener throws whatever is no EPIPE.
    stream.removeAllListeners('error');
    stream.on('error', () => undefined);
  }
}

/** Settles when stdout takes more, or is closed, or `over` aborts: what nobody reads is not to be kept in memory. */
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
