/** What bin/run.js starts: oclif, from the same bundle as the commands. */

import { execute } from '@oclif/core/execute';
import { endOnErrors } from './last-errors.js';

/** Runs the command that the command line names. */
export function main(): Promise<unknown> {
  endOnErrors();
  return execute({ dir: import.meta.url });
}
