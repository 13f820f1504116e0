/** What a failed check said, in the form that daemons accept. */

import { limits } from './limits.js';

/** One line without control characters, not too long. */
export const problemText = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error))
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]+/gu, ' ')
    .trim()
    .slice(0, limits.unhealthy) || 'it failed';
