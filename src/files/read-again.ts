/** What is read from files again while a process runs, at most once a second. */

import { readFileSync } from 'node:fs';
import { InvalidError } from '../model/errors.js';

/** ms for which the files are not read again. */
const keptForMs = 1000;

/**
 * Returns a function that returns what `read` does, and the last value while that throws: the file is being replaced,
 * or gone. If the last value is no longer valid, the daemon refuses it. Throws what the first `read` throws.
 *
 * @param next  chooses between what was read now and the last value; default: what was read now
 */
export function readAgain<T>(
  read: () => T,
  now: () => number,
  next: (found: T, last: T) => T = (found) => found,
): () => T {
  let last = read();
  let readAt = now();
  return () => {
    if (now() - readAt < keptForMs) return last;
    readAt = now();
    try {
      last = next(read(), last);
    } catch {
      // See above.
    }
    return last;
  };
}

/**
 * The text of a file. Throws InvalidError if it cannot be read.
 *
 * @param called  what the file is, such as `token file`
 */
export function textOf(path: string, called: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new InvalidError(`the ${called} ${path} cannot be read: ${code ?? message}`, { cause: error });
  }
}
