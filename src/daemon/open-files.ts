/**
 * Warns before file descriptors run out: from then on new connections are reset, and nothing else would say why. Linux
 * only, as nowhere else does the system tell a process of its limit.
 */

import { readdir, readFile } from 'node:fs/promises';
import type { OpenFiles } from '../model/daemon.js';
import { type Log, logFailure } from './core/log.js';

const lookEveryMs = 5000;

/** The part of the limit from which on it warns. */
const nearly = 0.9;

/** Warns while few are left. Returns a function that ends that. */
export function watchOpenFiles(log: Log, count: () => Promise<OpenFiles | undefined> = countOpenFiles): () => void {
  const timer = setInterval(() => void look().catch(logFailure(log, 'counting open files')), lookEveryMs);
  timer.unref();
  async function look(): Promise<void> {
    const files = await count();
    if (files) reviewOpenFiles(files, log);
  }
  return () => clearInterval(timer);
}

export function reviewOpenFiles({ open, limit }: OpenFiles, log: Pick<Log, 'warn' | 'resolve'>): void {
  if (open >= nearly * limit) log.warn({ open, limit }, nearText);
  else log.resolve(nearText, { open, limit }, 'there are enough file descriptors again');
}

const nearText =
  'file descriptors run out: new connections will be reset (raise LimitNOFILE= or ulimit -n, or lower --max-connections)';

/** undefined if the system does not say. */
export async function countOpenFiles(): Promise<OpenFiles | undefined> {
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
