/** The options of a look-up of the registrations that callers are sent to. */

import type { CallOptions } from './options.js';

/** Which instances callers prefer. */
export interface NearOptions {
  /**
   * A name in the metadata and its value, such as `zone:eu-1`: of each version of a split, only the instances with it
   * are taken as long as enough of them take requests, else all.
   */
  near?: string | undefined;
  /** How many near instances are enough; default 1. */
  nearAtLeast?: number | undefined;
}

export interface ResolveOptions extends CallOptions, NearOptions {}
