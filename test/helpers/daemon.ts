/** A real daemon, as a process of its own. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Running } from './cli.js';
import { linesOf, start } from './cli.js';
import { eventually } from './eventually.js';
import type { Exchange } from './record-traffic.js';

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
  /**
   * Whether {@link stopDaemons} compares what it was asked, and its answers, with the description of the API. Default:
   * yes, unless it is of another release or has options of Node. Not for a daemon under load: recording takes time.
   */
  isDescribed?: boolean;
}

const recorder = pathToFileURL(join(import.meta.dirname, '../fixtures/recorder.js')).href;

/** The file in which daemons record their traffic. */
let traffic: string | undefined;

/** Starts `bender serve` and answers once it listens. Ended by {@link stopDaemons} at the latest. */
export async function startDaemon({
  port = 0,
  peers = [],
  args = [],
  env = {},
  program,
  isDescribed = program === undefined && env['NODE_OPTIONS'] === undefined,
}: StartOptions = {}): Promise<RunningDaemon> {
  if (isDescribed) traffic ??= newTrafficFile();
  const recording = isDescribed && { NODE_OPTIONS: `--import=${recorder}`, RECORD_TRAFFIC: traffic };
  const flags = ['--port', String(port), '--log-format', 'json', ...peers.flatMap((url) => ['--peer', url]), ...args];
  const child = start(['serve', ...flags], {
    env: { ...env, ...recording },
    ...(program !== undefined && { program }),
  });
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

/** For `afterAll`: ends those that a test has left. Throws if one has said what the description of the API does not. */
export async function stopDaemons(): Promise<void> {
  await Promise.all([...running].map((daemon) => daemon.kill()));
  if (traffic !== undefined) await requireDescribed(traffic);
  traffic = undefined;
}

function newTrafficFile(): string {
  const file = join(mkdtempSync(join(tmpdir(), 'bender-traffic-')), 'traffic');
  writeFileSync(file, '');
  return file;
}

async function requireDescribed(file: string): Promise<void> {
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  rmSync(dirname(file), { recursive: true });
  const { undescribed } = await import('./described.js');
  const problems = new Set(lines.map((line) => undescribed(JSON.parse(line) as Exchange)));
  problems.delete(undefined);
  if (problems.size > 0) throw new Error([...problems].join('\n'));
}
