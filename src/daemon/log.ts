/** The daemon's log, on stderr. */

import { destination, pino } from 'pino';
import pretty from 'pino-pretty';
import type { Log } from './core/runtime.js';
import type { Settings } from './settings.js';

const stderr = 2;

/** In this process rather than in a worker thread, so that the last line before a crash is written, too. */
export function createLog({ 'log-level': level, 'log-format': format }: Settings): Log {
  const options = { level, base: null };
  return format === 'json'
    ? pino(options, destination({ dest: stderr, sync: true }))
    : pino(options, pretty({ destination: stderr, sync: true, singleLine: true, colorize: useColors() }));
}

const useColors = (): boolean => process.stderr.isTTY && !process.env.NO_COLOR;
