/**
 * The end for what nothing has caught: after it nobody knows what state the daemon is in, and its peers and clients
 * manage better without it than with one that is wrong.
 */

import type { Log } from './core/log.js';

/** oclif throws what stdout fails with; all other writes of a daemon handle their errors. */
const isOutputError = (error: unknown): boolean =>
  error instanceof Error && 'syscall' in error && error.syscall === 'write';

/**
 * From now on an uncaught exception or an unhandled rejection is logged, once, and ends the process with exit code 1.
 *
 * @param doing  what the daemon is doing, for the log
 * @returns  stops that
 */
export function endOnUncaught(log: Log, doing: () => object): () => void {
  let isEnding = false;
  const end = (error: unknown): void => {
    // A full disk below stdout is no reason to end: src/cli/last-errors.ts has told of it.
    if (isEnding || isOutputError(error)) return;
    isEnding = true;
    try {
      log.error({ err: error, ...doing() }, 'ends because of an error that nothing has caught');
    } finally {
      process.exit(1);
    }
  };
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
  return () => {
    process.off('uncaughtException', end);
    process.off('unhandledRejection', end);
  };
}
