/** A token that is kept in a file, so that it can be replaced while a process runs. */

import { readFileSync } from 'node:fs';
import { InvalidError } from '../model/errors.js';
import { isToken } from '../model/token.js';

/** ms for which the file is not read again. */
const keptForMs = 1000;

/**
 * Returns a function that reads the token in the file, and returns the last one while the file cannot be read. Throws
 * InvalidError if there is no token at first.
 */
export function tokenInFile(path: string, now: () => number = () => performance.now()): () => string {
  let token = read(path);
  let readAt = now();
  return () => {
    if (now() - readAt < keptForMs) return token;
    readAt = now();
    try {
      token = read(path);
    } catch {
      // The file is being replaced, or gone. If the last token is no longer valid, the daemon refuses it.
    }
    return token;
  };
}

function read(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new InvalidError(`the token file ${path} cannot be read: ${code ?? message}`, { cause: error });
  }
  if (!isToken(text))
    throw new InvalidError(`the token file ${path} must have a token as 'bender token create' prints it`);
  return text;
}
