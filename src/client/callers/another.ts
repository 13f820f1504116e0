/** The next instance for a request that the one before did not take. */

import { NoInstanceError } from '../../model/errors.js';
import type { Acquired } from '../pool/options.js';
import type { Pool } from '../pool/pool.js';

/** How many instances are tried for one request. */
const mostAttempts = 5;

/** Acquires an instance that was not tried yet. Undefined if there is none, or if enough were tried. */
export function acquireAnother(pool: Pool, tried: ReadonlySet<string>): Acquired | undefined {
  if (tried.size >= mostAttempts) return undefined;
  try {
    const other = pool.acquire({ except: tried });
    if (!tried.has(other.instance.id)) return other;
    other.release();
  } catch (error) {
    if (!(error instanceof NoInstanceError)) throw error;
  }
  return undefined;
}
