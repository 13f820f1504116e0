/** The daemon's log, on stderr. */

import { destination, pino, stdSerializers } from 'pino';
import type { LoggerOptions } from 'pino';
import pretty from 'pino-pretty';
import type { Log } from './core/runtime.js';
import { escapeJson, printable, printableCopy, printableStack } from '../model/printable.js';
import { withoutCredentials } from '../model/secrets.js';
import type { Settings } from './settings.js';

const stderr = 2;

/** Characters that are kept while they cannot be written. */
const mostWaiting = 100_000;

/** Characters of a message: its own words, and a text of somebody else. */
const longestMessage = 400;

/** In this process rather than in a worker thread, so that the last line before a crash is written, too. */
export function createLog(
  { 'log-level': level, 'log-format': format }: Pick<Settings, 'log-level' | 'log-format'>,
  to = stderr,
): Log {
  const options: LoggerOptions = {
    level,
    base: null,
    hooks: {
      // What peers and clients have said may stand in either.
      logMethod([fields, message]: unknown[], method) {
        method.call(
          this,
          printableCopy(fields),
          printable(withoutCredentials(String(message)), longestMessage),
        );
      },
      streamWrite: escapeJson,
    },
    serializers: {
      err: (error: unknown) =>
        error instanceof Error
          ? { ...stdSerializers.err(error), message: printable(error.message), stack: printableStack(error) }
          : error,
    },
  };
  const output = destination({ dest: to, sync: true, maxLength: mostWaiting });
  // Nobody may read it any more, or the disk may be full: then lines are lost.
  output.on('error', () => undefined);
  return format === 'json'
    ? pino(options, output)
    : pino(options, pretty({ destination: output, singleLine: true, colorize: useColors() }));
}

const useColors = (): boolean => process.stderr.isTTY && !process.env.NO_COLOR;
