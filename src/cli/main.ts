/** What bin/run.js starts: oclif, from the same bundle as the commands. */

import { homedir } from 'node:os';
import { execute } from '@oclif/core/execute';

/** Runs the command that the command line names. */
export const main = (): Promise<unknown> => {
  needNoHome();
  return execute({ dir: import.meta.url });
};

/** oclif asks for the home of the user, who may have none: in containers, and in units with DynamicUser. */
function needNoHome(): void {
  try {
    homedir();
  } catch {
    process.env.HOME = '/';
  }
}
