/**
 * Makes tokens, and the digests that a tokens file has instead. Apart from token.ts, since loading node:crypto takes
 * time.
 */

import { createHash, randomBytes } from 'node:crypto';
import { tokenIdLength, tokenPrefix } from './token.js';

export interface NewToken {
  token: string;
  id: string;
}

export function makeToken(): NewToken {
  const id = randomBytes(tokenIdLength / 2).toString('hex');
  return { token: `${tokenPrefix}${id}_${randomBytes(32).toString('base64url')}`, id };
}

/** A token is random, so that no slow hash is needed. */
export const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest();
