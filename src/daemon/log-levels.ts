/** How much each part of the daemon logs: the setting `log-level`, such as `info,peers=debug`. */

import { InvalidError } from '../model/errors.js';
import { printable } from '../model/printable.js';
import { type LogPart, logParts } from './core/log.js';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

export type LogLevel = (typeof logLevels)[number];

export interface LogLevels {
  /** Of all parts that have none of their own. */
  readonly all: LogLevel;
  readonly parts: Readonly<Partial<Record<LogPart, LogLevel>>>;
}

export const levelOf = ({ all, parts }: LogLevels, part: LogPart): LogLevel => parts[part] ?? all;

/** Whether lines of level debug are written for this part. */
export const isDebug = (levels: LogLevels, part: LogPart): boolean =>
  logLevels.indexOf(levelOf(levels, part)) <= logLevels.indexOf('debug');

/**
 * Reads `LEVEL` or `PART=LEVEL`, several of them as a JSON array, as text with commas or as flags that repeat. The last
 * one wins.
 */
export function parseLogLevels(raw: unknown): LogLevels {
  const given = (Array.isArray(raw) ? raw : [raw])
    .flatMap((one: unknown) => (typeof one === 'string' ? one.split(',') : [one]))
    .map((one) => (typeof one === 'string' ? one.trim() : one))
    .filter((one) => one !== '');
  if (given.length === 0) refuse('it is empty');
  let all: LogLevel = 'info';
  const parts: Partial<Record<LogPart, LogLevel>> = {};
  for (const one of given) {
    if (typeof one !== 'string') refuse(`it is not '${JSON.stringify(one)}'`);
    const [, part, level] = /^(.*?)=(.*)$/s.exec(one) ?? [];
    if (part === undefined) all = levelNamed(one);
    else parts[partNamed(part.trim())] = levelNamed(level!.trim());
  }
  return { all, parts };
}

const levelNamed = (name: string): LogLevel =>
  logLevels.find((level) => level === name) ??
  refuse(`'${printable(name, 100)}' is not a level (${logLevels.join(', ')})`);

const partNamed = (name: string): LogPart =>
  logParts.find((part) => part === name) ?? refuse(`'${printable(name, 100)}' is not a part (${logParts.join(', ')})`);

function refuse(why: string): never {
  throw new InvalidError(`must be a level such as info, or levels of parts such as info,peers=debug: ${why}`);
}
