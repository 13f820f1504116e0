/**
 * Warns before file descriptors run out: from then on new connections are reset, and nothing else would say why. Linux only,
 * as nowhere else does the system tell a process of its limit.
 */

import { readdir, readFile } from 'node:fs/promises';
import { Pace } from './core/pace.js';
import type { Log } from './core/runtime.js';

const lookEveryMs = 5000;

/** Part of the limit from which on it is told. */
const nearly = 0.9;

export interface OpenFiles {
  open: number;
  limit: number;
}

/** Warns from time to time while it is so. Returns what ends it. */
export function watchOpenFiles(
  log: Log,
  count: () => Promise<OpenFiles | undefined> = countOpenFiles,
): () => void {
  const pace = new Pace(() => performance.now());
  const timer = setInterval(() => void look(), lookEveryMs);
  timer.unref();
  async function look(): Promise<void> {
    const files = await count();
    if (files) reviewOpenFiles(files, pace, log);
  }
  return () => clearInterval(timer);
}

export function reviewOpenFiles(
  { open, limit }: OpenFiles,
  pace: Pace,
  log: Pick<Log, 'warn' | 'info'>,
): void {
  const isNear = open >= nearly * limit;
  if (isNear && pace.isDue('near')) log.warn({ open, limit }, nearText);
  else if (!isNear && pace.end('near')) log.info({ open, limit }, 'there are enough file descriptors again');
}

const nearText =
  'file descriptors run out: new connections will be reset (raise LimitNOFILE= or ulimit -n, or lower --max-connections)';

/** undefined if the system does not say. */
async function countOpenFiles(): Promise<OpenFiles | undefined> {
  const limit = await (limitRead ??= readLimit());
  if (limit === undefined) return undefined;
  try {
    return { open: (await readdir('/proc/self/fd')).length, limit };
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EMFILE' ? { open: limit, limit } : undefined;
  }
}

let limitRead: Promise<number | undefined> | undefined;

async function readLimit(): Promise<number | undefined> {
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '');
  const [, soft] = /^Max open files\s+(\d+)/m.exec(limits) ?? [];
  return soft === undefined ? undefined : Number(soft);
}
