/** The daemon's log, on stderr. */

import { pino, stdSerializers } from 'pino';
import type { LoggerOptions } from 'pino';
import { prettyFactory } from 'pino-pretty';
import type { Log } from './core/runtime.js';
import { LogOutput } from './log-output.js';
import { escapeJson, printable, printableCopy, printableStack } from '../model/printable.js';
import { withoutCredentials } from '../model/secrets.js';
import type { Settings } from './settings.js';

const stderr = 2;

/** Characters of a message: its own words, and a text of somebody else. */
const longestMessage = 400;

/** With the date: a log is read days later. */
const translateTime = 'SYS:yyyy-mm-dd HH:MM:ss.l';

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
  const layOut =
    format === 'json' ? String : prettyFactory({ singleLine: true, colorize: useColors(), translateTime });
  const lossLine = (lost: number): string =>
    layOut(`${JSON.stringify({ level: 40, time: Date.now(), lost, msg: 'lines of this log were lost' })}\n`);
  const output = new LogOutput(to, lossLine);
  return pino(options, { write: (line: string) => output.write(layOut(line)) });
}

const useColors = (): boolean => process.stderr.isTTY && !process.env.NO_COLOR;
