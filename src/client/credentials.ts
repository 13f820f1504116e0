/** User names and passwords in URLs, for a daemon behind a proxy that asks for them. */

import { InvalidError } from '../model/errors.js';

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
