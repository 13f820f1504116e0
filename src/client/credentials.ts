/**
 * The credentials of a request: a token, or the user name and password in the URL of a server. The latter are for a
 * proxy, or for a daemon with the token as the password.
 */

import { InvalidError } from '../model/errors.js';
import { isToken } from '../model/token.js';

/** `token` as a header. Throws InvalidError, whose message does not contain the token. */
export function tokenHeader(token: string): Record<string, string> {
  const text = token.trim();
  if (!isToken(text)) throw new InvalidError("the token must be one as 'bender token create' prints it");
  return { authorization: `Bearer ${text}` };
}

/** The user name and password of `url` as a header (RFC 7617); empty if there are none. */
export function credentialsIn({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const user = decode(username);
  if (user.includes(':')) throw new InvalidError('the user name in a URL has no colon');
  return { authorization: `Basic ${Buffer.from(`${user}:${decode(password)}`).toString('base64')}` };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    throw new InvalidError('the user name or password in a URL has a malformed percent-encoding', {
      cause: error,
    });
  }
}
