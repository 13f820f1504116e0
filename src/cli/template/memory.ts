/**
 * What is remembered beside a rendered file, in `.NAME.bender.json`, across restarts of `bender template`: the
 * last good state, which the file itself could not be asked for, and whether its command has run.
 */

import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { readIfThere, replaceFile } from '../../files/atomic-file.js';
import type { Lasting } from './known.js';

export interface Memory {
  format: 1;
  /** Of the content that was last put in place, with its command run. */
  digest: string;
  /** What that was rendered from. */
  known: Lasting;
}

export const memoryPath = (dest: string): string => join(dirname(dest), `.${basename(dest)}.bender.json`);

export const digestOf = (content: string): string => createHash('sha256').update(content).digest('hex');

/** Undefined where nothing is remembered. Throws for what is no memory. */
export async function recall(dest: string): Promise<Memory | undefined> {
  const path = memoryPath(dest);
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  try {
    const memory = JSON.parse(text) as Memory;
    if (memory.format === 1) return memory;
  } catch {
    // Said below.
  }
  throw new Error(`${path} is not what bender has written: remove it to begin anew`);
}

export async function remember(dest: string, memory: Memory): Promise<void> {
  await replaceFile(memoryPath(dest), `${JSON.stringify(memory)}\n`, { mode: 0o600 });
}
