/**
 * Tokens: `bender_ID_SECRET`. The id tells tokens apart and may be shown; the secret is 32 random bytes. The prefix
 * lets scanners of repositories and logs recognise one, and has bender mask it wherever it prints something
 * (secrets.ts).
 */

export const tokenPrefix = 'bender_';
export const tokenIdLength = 8;
const secretLength = 43;

/** Characters of a token. */
export const tokenLength = tokenPrefix.length + tokenIdLength + 1 + secretLength;

const shape = /^bender_[0-9a-f]{8}_[\w-]{43}$/;

export const isToken = (text: string): boolean => shape.test(text);

/** The id of the token that begins at `from` in `text`. */
export const tokenIdIn = (text: string, from = 0): string =>
  text.slice(from + tokenPrefix.length, from + tokenPrefix.length + tokenIdLength);
