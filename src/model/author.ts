/** The author of a change of the catalog, as given in a request. It is not verified. */

import { InvalidError } from './errors.js';
import { limits } from './limits.js';
import { visible } from './visible.js';

/** The value is percent-encoded if it is not plain ASCII. */
export const authorHeader = 'x-bender-author';

/** Throws InvalidError for an invalid author. */
export function checkAuthor(author: string): string {
  const text = author.trim();
  if (text.length > limits.author || !visible.test(text))
    throw new InvalidError(
      `the author must have 1 to ${limits.author} characters, and no control or invisible characters, not '${text.slice(0, 60)}'`,
    );
  return text;
}

export const encodeAuthor = (author: string): string => encodeURI(checkAuthor(author));

/** The author in a header. Throws InvalidError. */
export function decodeAuthor(header: string): string {
  try {
    return checkAuthor(decodeURIComponent(header));
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    throw new InvalidError(`${authorHeader} has a malformed percent-encoding`, { cause: error });
  }
}
