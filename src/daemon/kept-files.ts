/**
 * Files of the operator that are read again whenever one of them changes. While they are missing or damaged, the former
 * content stays in force, with an error in the log: half a file must neither lock out all callers nor restore what was
 * revoked.
 */

import type { Stats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { InvalidError } from '../model/errors.js';
import { type Log, logFailure } from './core/log.js';

/** ms between looks at whether a file has changed. Watching it would miss files that are replaced, or mounted. */
const lookEveryMs = 500;

/** Bytes. */
const largest = 8 * 2 ** 20;

export type ReadText = (path: string) => Promise<string>;

export interface KeptFilesOptions {
  paths: readonly string[];
  /** What the files are, such as `tokens file`. */
  called: string;
  /** What is logged when they cannot be read, and when they can again. */
  messages: { failed: string; resolved: string };
  log: Log;
  /** Takes what is in the files, in their order; throws InvalidError to keep what was there before. */
  take: (texts: string[], stats: Stats[]) => void;
  readText?: ReadText | undefined;
}

export class KeptFiles {
  /** Of the contents that were read last. */
  #version: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #reading: Promise<void> = Promise.resolve();
  #closed = false;

  private constructor(private readonly options: KeptFilesOptions) {}

  /** Rejects with InvalidError for files that cannot be read or have a mistake. */
  static async open(options: KeptFilesOptions): Promise<KeptFiles> {
    const files = new KeptFiles(options);
    await files.#read();
    files.#lookLater();
    return files;
  }

  /** Reads the files now, whether or not they seem to have changed. Never rejects. */
  reload(): Promise<void> {
    this.#version = undefined;
    return this.#look();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #lookLater(): void {
    if (this.#closed) return;
    const { log, called } = this.options;
    this.#timer = setTimeout(() => {
      void this.#look()
        .catch(logFailure(log, `reading the ${called}`))
        .finally(() => this.#lookLater());
    }, lookEveryMs).unref();
  }

  #look(): Promise<void> {
    const reading = this.#reading.then(() => this.#readIfChanged());
    // A bug is the caller's to log, and must not end all later looks.
    this.#reading = reading.catch(() => undefined);
    return reading;
  }

  async #readIfChanged(): Promise<void> {
    const { paths, log, messages } = this.options;
    const file = paths.join(', ');
    try {
      if (await this.#read()) log.resolve(messages.failed, { file }, messages.resolved);
    } catch (error) {
      log.error({ file, reason: (error as Error).message }, messages.failed);
    }
  }

  /** Whether there was anything new. */
  async #read(): Promise<boolean> {
    const { paths, called, take, readText = readUtf8 } = this.options;
    const refuse = (path: string) => (error: NodeJS.ErrnoException) => {
      throw new InvalidError(`${called} ${path} cannot be read: ${error.code ?? error.message}`, { cause: error });
    };
    const stats = await Promise.all(paths.map((path) => stat(path).catch(refuse(path))));
    const version = stats.map(({ ino, size, mtimeMs }) => [ino, size, mtimeMs].join()).join(' ');
    if (version === this.#version) return false;
    for (const [index, { size }] of stats.entries())
      if (size > largest) throw new InvalidError(`${called} ${paths[index]} is too large`);
    const texts = await Promise.all(paths.map((path) => readText(path).catch(refuse(path))));
    // A file that could not be read is tried again; one with a mistake only after it has changed.
    this.#version = version;
    take(texts, stats);
    return true;
  }
}

const readUtf8: ReadText = (path) => readFile(path, 'utf8');
