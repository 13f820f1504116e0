/**
 * The rendered file.
 *
 * What always holds: either its content has passed the check and its command has run, or it is what it was
 * before (a new file is not there again).
 */

import { rm, stat } from 'node:fs/promises';
import { isSameJson } from '../../model/json.js';
import { BenderError } from '../../model/errors.js';
import { printable } from '../../model/printable.js';
import { runInShell, shellWord } from '../shell.js';
import { followLinks, ifThere, readIfThere, replaceFile } from '../../files/atomic-file.js';
import type { Lasting } from './known.js';
import type { Memory } from './memory.js';
import { digestOf, recall, remember } from './memory.js';

export interface DestinationOptions {
  dest: string;
  /** Command that says by its exit code whether the file `{}` will do. */
  check?: string | undefined;
  /** Command that is run when the content has changed. */
  exec?: string | undefined;
}

/** Characters of what a check has said that are kept, and lines that are told if it fails. */
const [saidKept, linesTold] = [8192, 4];

/** Milliseconds that a command may take. */
const commandMs = 60_000;

export class Destination {
  #memory: Memory | undefined;
  #isRemembered = true;

  constructor(
    private readonly options: DestinationOptions,
    private readonly run: typeof runInShell = runInShell,
  ) {}

  /** What the file was last rendered from, by this process or one before. */
  get known(): Lasting | undefined {
    return this.#memory?.known;
  }

  /** To be called first: looks up what a process before has left. Throws if that is unreadable. */
  async recall(): Promise<void> {
    const { dest } = this.options;
    this.#memory = await recall(await followLinks(dest)).catch((error: unknown) => {
      throw inWords(error, dest);
    });
  }

  /** Puts `content`, rendered from `known`, in place; returns whether it is another one. Throws if it could not. */
  async put(content: string, { frontends, backends, registrations }: Lasting): Promise<boolean> {
    const { dest } = this.options;
    const fail = (error: unknown): never => {
      throw inWords(error, dest);
    };
    await assertFile(dest).catch(fail);
    const path = await followLinks(dest).catch(fail);
    const before = await readIfThere(path).catch(fail);
    const digest = digestOf(content);
    const isNew = before !== content;
    // A process before may have ended between the file and its command.
    const isPending = this.#memory !== undefined && this.#memory.digest !== digest;
    if (isNew) await replaceFile(path, content, { check: (beside) => this.#check(beside) }).catch(fail);
    if (isNew || isPending) await this.#exec(path, before);
    await this.#remember(path, { format: 1, digest, known: { frontends, backends, registrations } });
    return isNew;
  }

  async #check(beside: string): Promise<void> {
    const { check } = this.options;
    if (check === undefined) return;
    let said = '';
    const how = await this.run(
      check.replaceAll('{}', () => shellWord(beside)),
      {
        timeoutMs: commandMs,
        onOutput: (text) => (said = (said + text).slice(-saidKept)),
      },
    );
    if (how === undefined) return;
    const lines = said.replaceAll(beside, this.options.dest).trim().split('\n').slice(-linesTold);
    const why = lines.map((line) => printable(line)).join('; ');
    throw new BenderError('INTERNAL', `the check says no (${check}: ${how})${why && `: ${why}`}`);
  }

  async #exec(path: string, before: string | undefined): Promise<void> {
    const { exec } = this.options;
    if (exec === undefined) return;
    const how = await this.run(exec, { timeoutMs: commandMs });
    if (how === undefined) return;
    if (before === undefined) await rm(path, { force: true });
    else await replaceFile(path, before);
    throw new BenderError('INTERNAL', `the command failed (${exec}: ${how})`);
  }

  async #remember(path: string, memory: Memory): Promise<void> {
    if (this.#isRemembered && isSameJson(memory, this.#memory)) return;
    this.#memory = memory;
    this.#isRemembered = false;
    await remember(path, memory);
    this.#isRemembered = true;
  }
}

/** Neither a pipe nor a terminal can be replaced. */
async function assertFile(path: string): Promise<void> {
  const stats = await ifThere(stat(path));
  if (stats && !stats.isFile() && !stats.isDirectory())
    throw new BenderError('INTERNAL', `cannot write ${path}: it is no regular file (--dry-run prints to stdout)`);
}

/** What the file system says, about the file that was to be written and not about the one beside it. */
function inWords(error: unknown, path: string): unknown {
  const why = reasons[(error as NodeJS.ErrnoException).code ?? ''];
  return why === undefined ? error : new BenderError('INTERNAL', `cannot write ${path}: ${why}`, { cause: error });
}

const reasons: Record<string, string> = {
  EACCES: 'no permission for the file or its folder',
  EPERM: 'no permission for the file or its folder',
  EROFS: 'the file system is read-only',
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'its folder does not exist',
  EISDIR: 'it is a folder',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk is full',
  EBUSY: 'it is a mount of its own: mount the folder, and not the file alone',
  EXDEV: 'it is a mount of its own: mount the folder, and not the file alone',
};
