/** `bender serve --detach`: a daemon in the background, and whether it started. */

import { existsSync, renameSync } from 'node:fs';
import { stateFolder } from '../../files/state-folder.js';
import { ConflictError } from '../../model/errors.js';
import { notice } from '../notice.js';
import { launch, NotStartedError } from './launch.js';
import { logIn, PidFile } from './pid-file.js';

/** How long a daemon may take until it serves: it calls its peers, and fetches their state. */
const startWithinMs = 30_000;

export interface Detached {
  /** What the daemon prints when it has started. */
  line: string;
  /** Where it listens. */
  port: number;
  pid: number;
  pidFile: string;
  log: string;
}

/**
 * Starts `bender serve` with `argv` in a session of its own, and returns once it answers.
 *
 * @param port  the port to listen on; 0 for a free one
 */
export async function detach(argv: readonly string[], port: number): Promise<Detached> {
  const folder = stateFolder();
  const running = port === 0 ? undefined : new PidFile(folder, port).running();
  if (running !== undefined)
    throw new ConflictError(
      `a daemon runs detached on port ${port} already (pid ${running.pid}): 'bender stop --port ${port}' ends it`,
    );
  // The log is named after the port, which is not known yet.
  const log = logIn(folder, port === 0 ? `starting-${process.pid}` : port);
  const program = [process.argv[1]!, 'serve', ...argv];
  try {
    const started = await launch({ args: program, log, timeoutMs: startWithinMs });
    const file = new PidFile(folder, started.port);
    if (log !== file.log) renameSync(log, file.log);
    return { ...started, pidFile: file.path, log: file.log };
  } catch (error) {
    if (!(error instanceof NotStartedError)) throw error;
    // The last line is in the message.
    for (const line of error.lastLines.slice(0, -1)) notice(line);
    const where = existsSync(log) ? ` (log: ${log})` : '';
    throw new NotStartedError(error.code, `the daemon did not start: ${error.message}${where}`, error.lastLines);
  }
}
