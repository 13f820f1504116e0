/**
 * The tokens file of a daemon (`--tokens FILE`), read again whenever it changes. A file that is gone or damaged then
 * leaves the tokens as they were, with an error in the log: half a file must neither lock everybody out nor bring back
 * what was revoked.
 */

import { stat, readFile } from 'node:fs/promises';
import { cannotRead } from '../../../files/tokens-file.js';
import { InvalidError } from '../../../model/errors.js';
import { parseTokensFile } from '../../../model/tokens-file.js';
import type { Log } from '../../core/log.js';
import { Tokens } from './tokens.js';

/** ms between looks at whether the file has changed. Watching it would miss files that are replaced, or mounted. */
const lookEveryMs = 500;

/** Bytes. */
const largest = 8 * 2 ** 20;

const keepsTokens = 'cannot read the tokens file: the tokens stay as they were';

type ReadText = (path: string) => Promise<string>;

export class TokenFile {
  /** Of the content that was read last. */
  #version: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #reading: Promise<void> = Promise.resolve();
  #closed = false;

  private constructor(
    private readonly path: string,
    private readonly log: Log,
    private readonly readText: ReadText,
    public tokens: Tokens,
  ) {}

  /** Called after the tokens were read again. */
  onChange: () => void = () => {};

  /** Rejects with InvalidError for a file that cannot be read or has a mistake. */
  static async open(path: string, log: Log, readText: ReadText = readUtf8): Promise<TokenFile> {
    const file = new TokenFile(path, log, readText, new Tokens([]));
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
    const { path: file } = this;
    try {
      if (await this.#read()) this.log.resolve(keepsTokens, { file }, 'the tokens file can be read again');
    } catch (error) {
      this.log.error({ file, reason: (error as Error).message }, keepsTokens);
    }
  }

  /** Whether there was anything new. */
  async #read(): Promise<boolean> {
    const { ino, size, mtimeMs, mode } = await stat(this.path).catch(cannotRead(this.path));
    const version = [ino, size, mtimeMs].join();
    if (version === this.#version) return false;
    if (size > largest) throw new InvalidError(`tokens file ${this.path} is too large`);
    const text = await this.readText(this.path).catch(cannotRead(this.path));
    // What could not be read is tried again; what has a mistake is not, until it is another text.
    this.#version = version;
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

const readUtf8: ReadText = (path) => readFile(path, 'utf8');
