/** A real daemon, as a process of its own. */

import type { Running } from './cli.js';
import { linesOf, start } from './cli.js';
import { eventually } from './eventually.js';

export interface RunningDaemon {
  url: string;
  /** Where it listens. */
  listening: string;
  /** SIGTERM, and wait for its end. */
  stop(): Promise<void>;
  /** SIGKILL, and wait for its end. */
  kill(): Promise<void>;
  process: Running;
  /** Its log so far, in lines of JSON. */
  log: readonly string[];
}

const running = new Set<RunningDaemon>();

interface StartOptions {
  port?: number;
  peers?: string[];
  args?: string[];
  env?: NodeJS.ProcessEnv;
  /** The `bin/run.js` of another release. */
  program?: string;
}

/** Starts `bender serve` and answers once it listens. Ended by {@link stopDaemons} at the latest. */
export async function startDaemon({
  port = 0,
  peers = [],
  args = [],
  env = {},
  program,
}: StartOptions = {}): Promise<RunningDaemon> {
  const flags = ['--port', String(port), '--log-format', 'json', ...peers.flatMap((url) => ['--peer', url]), ...args];
  const child = start(['serve', ...flags], { env, ...(program !== undefined && { program }) });
  const lines = linesOf(child.stdout);
  const errors = linesOf(child.stderr);
  const ended = child.then(({ exitCode }) => {
    throw new Error(`the daemon ended with ${exitCode}: ${errors.join('\n')}`);
  });
  const listening = eventually(() => lines[0]);
  ended.catch(() => undefined);
  const started = JSON.parse(await Promise.race([listening, ended])) as { url: string; listening: string };

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    running.delete(daemon);
    child.kill(signal);
    await child;
  };
  const daemon: RunningDaemon = {
    url: started.url,
    listening: started.listening,
    process: child,
    log: errors,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
  running.add(daemon);
  return daemon;
}

/** For `afterAll`: ends those that a test has left. */
export async function stopDaemons(): Promise<void> {
  await Promise.all([...running].map((daemon) => daemon.kill()));
}
