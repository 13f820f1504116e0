/** Logs for tests, which keep what is written. */

import { type Log, type LogPart, logParts, type Logs } from '../../src/daemon/core/log.js';
import { LimitedLog, type LogSink } from '../../src/daemon/limited-log.js';

export interface Line {
  level: 'debug' | 'info' | 'warn' | 'error';
  message: string;
  fields: object;
}

/** Hands each line to `write`. */
export const sinkOf = (write: (line: Line) => void): LogSink => {
  const at = (level: Line['level']) => (fields: object, message: string) => write({ level, message, fields });
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
};

/** A log that writes no warning again while it is repeated. */
export const logOf = (write: (line: Line) => void): Log =>
  new LimitedLog(sinkOf(write), { now: () => 0, after: () => ({ cancel: () => undefined }) });

export const silentLog: Log = { ...sinkOf(() => undefined), resolve: () => undefined };

/** The logs of all parts. */
export const logsOf = (logOfPart: (part: LogPart) => Log): Logs =>
  Object.fromEntries(logParts.map((part) => [part, logOfPart(part)])) as Record<LogPart, Log>;
