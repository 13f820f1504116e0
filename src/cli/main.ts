/** What bin/run.js starts: oclif, from the same bundle as the commands. */

import { execute } from '@oclif/core/execute';

/** Runs the command that the command line names. */
export const main = (): Promise<unknown> => execute({ dir: import.meta.url });
