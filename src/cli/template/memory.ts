/**
 * What is remembered beside a rendered file, in `.NAME.bender.json`, across restarts of `bender template`: the
 * last good state, which the file itself could not be asked for, and whether its command has run.
 */

import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { readIfThere, replaceFile } from '../../files/atomic-file.js';
import { isObject } from '../../model/json.js';
import { visible } from '../../model/visible.js';
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

/** Undefined if nothing is remembered. Throws for what is no memory. */
export async function recall(dest: string): Promise<Memory | undefined> {
  const path = memoryPath(dest);
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  try {
    const memory = JSON.parse(text) as unknown;
    if (isMemory(memory)) return memory;
  } catch {
    // Said below.
  }
  throw new Error(`${path} is not what bender has written: remove it to begin anew`);
}

type Fields = Partial<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => isObject(value);

const isListOf = (value: unknown, isOne: (one: Fields) => boolean): boolean =>
  Array.isArray(value) && value.every((one) => isFields(one) && isOne(one));

/** Whether `value` is what {@link remember} wrote, as far as templates rely on it. */
const isMemory = (value: unknown): value is Memory =>
  isFields(value) && value.format === 1 && typeof value.digest === 'string' && isLasting(value.known);

const isLasting = (value: unknown): boolean =>
  isFields(value) &&
  isListOf(value.frontends, ({ name }) => typeof name === 'string') &&
  isListOf(
    value.backends,
    ({ name, registrations }) => typeof name === 'string' && isListOf(registrations, isServer),
  ) &&
  isListOf(value.registrations, isServer);

const isServer = ({ id, app, version, host, port }: Fields): boolean =>
  [id, app, version, host].every((text) => typeof text === 'string' && visible.test(text)) && Number.isInteger(port);

export async function remember(dest: string, memory: Memory): Promise<void> {
  await replaceFile(memoryPath(dest), `${JSON.stringify(memory)}\n`, { mode: 0o600 });
}
