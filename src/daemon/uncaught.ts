/**
 * Ends the daemon on an uncaught error: its state is unknown then, and its peers and clients do better
 * without it than with a faulty one.
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
    // A full disk below stdout is no reason to end: src/cli/last-errors.ts has reported it.
    if (isEnding || isOutputError(error)) return;
    isEnding = true;
    try {
      log.error({ err: error, ...doing() }, 'ends because of an uncaught error');
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
