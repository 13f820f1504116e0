/** The command line that other users of this machine see. */

import { withoutCredentials } from '../model/secrets.js';

/** Masks tokens and passwords in the list of processes, if there are any on the command line. */
export function maskProcessTitle(): void {
  const line = [process.argv0, ...process.argv.slice(1)].join(' ');
  const masked = withoutCredentials(line);
  if (masked !== line) process.title = masked;
}
