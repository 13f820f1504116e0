/** The default author for the catalog's history. */

import { hostname, userInfo } from 'node:os';

/** `user@host`. */
export const defaultAuthor = (): string => `${userName()}@${hostname()}`;

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user id without a name, as containers have it.
    return process.env.USER || String(process.getuid?.() ?? 'unknown');
  }
}
