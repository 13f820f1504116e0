/** The folder for files that outlive a process but are no documents of the user: logs and pid files. */

import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** `$XDG_STATE_HOME/bender`, by default `~/.local/state/bender`. A relative path in the variable does not count. */
export function stateFolder({ XDG_STATE_HOME: given }: NodeJS.ProcessEnv = process.env): string {
  const base = given !== undefined && isAbsolute(given) ? given : join(homedir(), '.local', 'state');
  return join(base, 'bender');
}
