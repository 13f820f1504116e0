/** The processes of `bender demo`: daemons and services, on free ports of this machine. All end with the command. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { BenderError } from '../../model/errors.js';

/** ms. Short, so that what was killed is soon gone. */
export const ttlMs = 2000;

/** ms that the processes may take to end. */
const endsWithinMs = 5000;

export interface DemoDaemon {
  url: string;
  process: ChildProcess;
}

export class Stage {
  readonly daemons: DemoDaemon[] = [];
  readonly #services = new Map<string, ChildProcess>();
  readonly #children = new Set<ChildProcess>();
  #isOver = false;

  /**
   * @param program  the file that runs `bender`
   * @param service  a program that serves HTTP at `$PORT`
   */
  constructor(
    private readonly program: string,
    private readonly service: string,
  ) {}

  get urls(): string[] {
    return this.daemons.filter(({ process }) => isRunning(process)).map(({ url }) => url);
  }

  async startDaemon(): Promise<DemoDaemon> {
    const peers = this.daemons.slice(0, 1).flatMap(({ url }) => ['--peer', url]);
    const settings = ['--host', '127.0.0.1', '--port', '0', '--ttl', `${ttlMs}ms`, '--log-format', 'json'];
    const { line, child } = await this.#run(['serve', ...settings, ...peers], {});
    const { listening } = JSON.parse(line) as { listening: string };
    const daemon = { url: listening, process: child };
    this.daemons.push(daemon);
    return daemon;
  }

  /** Starts an instance of `web`, as `bender register -- CMD` does. Resolves with its id once it is online. */
  async startService(version: string): Promise<string> {
    // Each begins with another daemon, and goes on to the next if that is gone.
    const first = this.#services.size % this.urls.length;
    const servers = [...this.urls.slice(first), ...this.urls.slice(0, first)];
    const what = ['--app', 'web', '--version', version, '--host', '127.0.0.1', '--print', 'id'];
    const command = ['--', process.execPath, this.service];
    const { line, child } = await this.#run(['register', ...what, ...command], { BENDER_SERVER: servers.join() });
    this.#services.set(line, child);
    return line;
  }

  /** Kills an instance, so that it cannot deregister. */
  killService(id: string): void {
    this.#services.get(id)?.kill('SIGKILL');
  }

  /** Ends all processes, also those that have only begun. None is started afterwards. */
  async end(): Promise<void> {
    this.#isOver = true;
    const running = [...this.#children].filter(isRunning);
    const gone = Promise.all(running.map((child) => once(child, 'exit')));
    for (const child of running) child.kill('SIGTERM');
    const timer = setTimeout(() => running.forEach((child) => child.kill('SIGKILL')), endsWithinMs);
    await gone;
    clearTimeout(timer);
  }

  /** Resolves with the first line that it prints. */
  async #run(args: string[], own: NodeJS.ProcessEnv): Promise<{ line: string; child: ChildProcess }> {
    if (this.#isOver) throw new BenderError('INTERNAL', 'the demonstration is over');
    // Settings of other daemons are not meant for these.
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('BENDER_')));
    const child = spawn(process.execPath, [...process.execArgv, this.program, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      // So that Ctrl-C is this command's business.
      detached: true,
      env: { ...env, ...own },
    });
    this.#children.add(child);
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2000)));
    const lines = createInterface(child.stdout);
    const line = await Promise.race([once(lines, 'line'), once(child, 'exit').then(() => undefined)]);
    if (line) return { line: String(line[0]), child };
    throw new BenderError('INTERNAL', `bender ${args[0]} has ended: ${said.trim().split('\n').at(-1) ?? ''}`);
  }
}

const isRunning = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode === null && signalCode === null;
