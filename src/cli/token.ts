/** The token that commands show to daemons. */

import type { Token } from '../client/index.js';
import { tokenInFile } from '../files/token-in-file.js';

/**
 * That of the flag, else of `BENDER_TOKEN`, else in the file that `BENDER_TOKEN_FILE` or the context names; undefined
 * if there is none.
 */
export function tokenFrom(flag: string | undefined, ofContext?: string, environment = process.env): Token | undefined {
  const token = flag ?? (environment.BENDER_TOKEN || undefined);
  if (token !== undefined) return token;
  const file = environment.BENDER_TOKEN_FILE || ofContext;
  return file === undefined ? undefined : tokenInFile(file);
}
