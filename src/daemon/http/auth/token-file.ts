/** The tokens file of a daemon (`--tokens FILE`), read again whenever it changes. */

import { parseTokensFile } from '../../../model/tokens-file.js';
import type { Log } from '../../core/log.js';
import { KeptFiles, type ReadText } from '../../kept-files.js';
import { Tokens } from './tokens.js';

const messages = {
  failed: 'cannot read the tokens file: the tokens stay as they were',
  resolved: 'the tokens file can be read again',
};

export class TokenFile {
  tokens = new Tokens([]);
  #files!: KeptFiles;

  private constructor() {}

  /** Called after the tokens were read again. */
  onChange: () => void = () => {};

  /** Rejects with InvalidError for a file that cannot be read or has a mistake. */
  static async open(path: string, log: Log, readText?: ReadText): Promise<TokenFile> {
    const file = new TokenFile();
    file.#files = await KeptFiles.open({
      paths: [path],
      called: 'tokens file',
      messages,
      log,
      readText,
      take: ([text], [stats]) => {
        file.tokens = new Tokens(parseTokensFile(text!, path));
        if ((stats!.mode & 0o022) !== 0)
          log.warn({ file: path }, 'the tokens file can be written by other users, who could make themselves admin');
        log.info({ file: path, tokens: file.tokens.size }, 'read the tokens file');
        file.onChange();
      },
    });
    return file;
  }

  /** Reads the file now, whether or not it seems to have changed. Never rejects. */
  reload(): Promise<void> {
    return this.#files.reload();
  }

  close(): void {
    this.#files.close();
  }
}
