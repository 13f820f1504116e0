/** A token that is kept in a file, so that it can be replaced while a process runs. */

import { InvalidError } from '../model/errors.js';
import { isToken } from '../model/token.js';
import { readAgain, textOf } from './read-again.js';

/**
 * Returns a function that reads the token in the file, and returns the last one while the file cannot be read. Throws
 * InvalidError if there is no token at first.
 */
export const tokenInFile = (path: string, now: () => number = () => performance.now()): (() => string) =>
  readAgain(() => read(path), now);

function read(path: string): string {
  const text = textOf(path, 'token file').trim();
  if (!isToken(text))
    throw new InvalidError(`the token file ${path} must have a token as 'bender token create' prints it`);
  return text;
}
