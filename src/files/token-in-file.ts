/** A token that is kept in a file, so that it can be replaced while a process runs. */

import { readFileSync } from 'node:fs';
import { InvalidError } from '../model/errors.js';
import { isToken } from '../model/token.js';

/** ms for which the file is not read again. */
const keptForMs = 1000;

/**
 * Returns a function that reads the token in the file. Throws InvalidError if there is none; the function returns the
 * last token while that is so.
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
      // It is being replaced, or gone: the daemon says whether the last one is still good.
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
