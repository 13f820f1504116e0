/**
 * The tokens file of a daemon (`--tokens FILE`), read again whenever it changes. A file that is gone or damaged then leaves the tokens
 * as they were, with an error in the log: half a file must neither lock everybody out nor bring back what was revoked.
 */

import { stat, readFile } from 'node:fs/promises';
import { InvalidError } from '../../../model/errors.js';
import { parseTokensFile } from '../../../model/tokens-file.js';
import type { Log } from '../../core/log.js';
import { Tokens } from './tokens.js';

/** ms between looks at whether the file has changed. Watching it would miss files that are replaced, or mounted. */
const lookEveryMs = 500;

/** Bytes. */
const largest = 8 * 2 ** 20;

export class TokenFile {
  #version: string | undefined;
  /** Why the last reading failed, so that the log says it once. */
  #trouble: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #reading: Promise<void> = Promise.resolve();
  #closed = false;

  private constructor(
    private readonly path: string,
    private readonly log: Log,
    public tokens: Tokens,
  ) {}

  /** Called after the tokens were read again. */
  onChange: () => void = () => {};

  /** Rejects with InvalidError for a file that cannot be read or has a mistake. */
  static async open(path: string, log: Log): Promise<TokenFile> {
    const file = new TokenFile(path, log, new Tokens([]));
    await file.#read();
    file.#lookLater();
    return file;
  }

  /** Reads the file now, whether or not it seems to have changed. Never rejects. */
  reload(): Promise<void> {
    this.#version = undefined;
    return this.#look();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #lookLater(): void {
    if (!this.#closed)
      this.#timer = setTimeout(() => void this.#look().then(() => this.#lookLater()), lookEveryMs).unref();
  }

  #look(): Promise<void> {
    return (this.#reading = this.#reading.then(() => this.#readIfChanged()));
  }

  async #readIfChanged(): Promise<void> {
    try {
      if (!(await this.#read())) return;
      if (this.#trouble !== undefined)
        this.log.info({ file: this.path }, 'the tokens file can be read again');
      this.#trouble = undefined;
    } catch (error) {
      const { message } = error as Error;
      if (message !== this.#trouble)
        this.log.error(
          { file: this.path, error: message },
          'cannot read the tokens file: the tokens stay as they were',
        );
      this.#trouble = message;
    }
  }

  /** Whether there was anything new. */
  async #read(): Promise<boolean> {
    const { ino, size, mtimeMs, mode } = await stat(this.path).catch(cannotRead(this.path));
    const version = [ino, size, mtimeMs].join();
    if (version === this.#version) return false;
    this.#version = version;
    if (size > largest) throw new InvalidError(`tokens file ${this.path} is too large`);
    const text = await readFile(this.path, 'utf8').catch(cannotRead(this.path));
    this.tokens = new Tokens(parseTokensFile(text, this.path));
    if ((mode & 0o022) !== 0)
      this.log.warn(
        { file: this.path },
        'the tokens file may be written by other users, who can so make themselves admin',
      );
    this.log.info({ file: this.path, tokens: this.tokens.size }, 'read the tokens file');
    this.onChange();
    return true;
  }
}

const cannotRead = (path: string) => (error: NodeJS.ErrnoException) => {
  throw new InvalidError(`tokens file ${path} cannot be read: ${error.code ?? error.message}`, {
    cause: error,
  });
};
