/**
 * What a request shows of who makes it: a token, or the user name and password in the URL of a server. These are for a
 * proxy that asks for them, or for a daemon, with the token as the password.
 */

import { InvalidError } from '../model/errors.js';
import { isToken } from '../model/token.js';

/** `token` as a header. Throws InvalidError, which does not show what was given. */
export function tokenHeader(token: string): Record<string, string> {
  const text = token.trim();
  if (!isToken(text)) throw new InvalidError("the token must be one as 'bender token create' prints it");
  return { authorization: `Bearer ${text}` };
}

/** What the user name and password of `url` are as a header (RFC 7617); nothing if there are none. */
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
