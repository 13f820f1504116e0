/** The daemon's log, on stderr: one for each part, which share an output. */

import { pino, stdSerializers } from 'pino';
import type { LoggerOptions } from 'pino';
import { prettyFactory } from 'pino-pretty';
import { logParts, type LogPart } from './core/log.js';
import { LimitedLog } from './limited-log.js';
import type { Runtime } from './core/runtime.js';
import { LogOutput } from './log-output.js';
import { escapeJson, printable, printableCopy, printableStack } from '../model/printable.js';
import { withoutCredentials, withoutTokens } from '../model/secrets.js';
import { levelOf } from './log-levels.js';
import type { Settings } from './settings.js';

const stderr = 2;

/** Characters of a message, including text from other programs. */
const longestMessage = 400;

/** With the date: a log is read days later. */
const translateTime = 'SYS:yyyy-mm-dd HH:MM:ss.l';

/** In this process rather than in a worker thread, so that the last line before a crash is written, too. */
export function createLogs(
  { 'log-level': levels, 'log-format': format }: Pick<Settings, 'log-level' | 'log-format'>,
  to = stderr,
): Record<LogPart, LimitedLog> {
  const options: LoggerOptions = {
    base: null,
    hooks: {
      // Either may contain text from peers and clients.
      logMethod([fields, message]: unknown[], method) {
        method.call(this, printableCopy(fields), printable(withoutCredentials(String(message)), longestMessage));
      },
      streamWrite: (line) => withoutTokens(escapeJson(line)),
    },
    serializers: {
      err: (error: unknown) =>
        error instanceof Error
          ? { ...stdSerializers.err(error), message: printable(error.message), stack: printableStack(error) }
          : error,
    },
  };
  const layOut = format === 'json' ? String : prettyFactory({ singleLine: true, colorize: useColors(), translateTime });
  const lossLine = (lost: number): string =>
    layOut(`${JSON.stringify({ level: 40, time: Date.now(), lost, msg: 'lines of this log were lost' })}\n`);
  const output = new LogOutput(to, lossLine);
  const root = pino(options, { write: (line: string) => output.write(layOut(line)) });
  // `name` is the key by which pino and its tools know a logger.
  const logOf = (part: LogPart): LimitedLog =>
    new LimitedLog(root.child({ name: part }, { level: levelOf(levels, part) }), timers);
  return Object.fromEntries(logParts.map((part) => [part, logOf(part)])) as Record<LogPart, LimitedLog>;
}

/** Reports of warnings that are only counted so far do not keep the process alive: they are flushed at its end. */
const timers: Pick<Runtime, 'now' | 'after'> = {
  now: () => performance.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs).unref();
    return { cancel: () => clearTimeout(timer) };
  },
};

const useColors = (): boolean => process.stderr.isTTY && !process.env.NO_COLOR;
