/** One daemon of the cluster: `bender serve` in its own network namespace, and what can be done to it. */

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { linesOf } from '../../helpers/cli.js';
import { eventually } from '../../helpers/eventually.js';
import type { Network, Place } from './network.js';

const bender = join(import.meta.dirname, '../../../bin/run.js');

export const port = 1729;

/** On a machine where others are busy, Node alone takes seconds to start. */
const startingWithin = { withinMs: 30_000 };

export interface MemberOptions {
  peers?: string[];
  /** Where others reach it, if not where it listens. */
  advertise?: string;
  environment?: NodeJS.ProcessEnv;
}

export class Member {
  readonly name: string;
  /** Where it listens. */
  readonly url: string;
  peers: string[];
  /** Of all its processes. */
  log: string[] = [];
  paused = false;
  #process: ChildProcess | undefined;
  #joined = false;
  /** What the present process has said on stderr. */
  #errors: string[] = [];

  constructor(
    private readonly network: Network,
    readonly place: Place,
    private readonly options: MemberOptions = {},
  ) {
    this.name = place.name;
    this.url = `http://${place.address}:${port}`;
    this.peers = options.peers ?? [];
  }

  get advertised(): string {
    return this.options.advertise ?? this.url;
  }

  get up(): boolean {
    return this.#joined && !this.paused;
  }

  /** Starts it and waits until it has joined. */
  async start(): Promise<void> {
    const flags = ['--host', '0.0.0.0', '--insecure', '--port', String(port), '--advertise', this.advertised];
    const names = ['--name', this.name, '--log-level', 'warn', '--log-format', 'json'];
    const peers = this.peers.flatMap((url) => ['--peer', url]);
    const started = this.network.spawn(
      this.place,
      [bender, 'serve', ...flags, ...names, ...peers],
      this.options.environment,
    );
    this.#process = started;
    const said = linesOf(started.stdout!);
    const errors = linesOf(started.stderr!);
    this.log.push(`--- pid ${started.pid}`);
    started.once('exit', (code, signal) => this.log.push(...errors, `--- ended with ${code ?? signal}`));
    await eventually(() => {
      if (started.exitCode !== null) throw new Error(`${this.name} ended: ${errors.join('\n')}`);
      return said.length > 0;
    }, startingWithin);
    this.#joined = true;
    this.log = this.log.slice(-200);
    this.#errors = errors;
  }
  /** The end of its log, for people. */
  get tail(): string[] {
    return [...this.log, ...(this.up ? this.#errors : [])].slice(-15);
  }

  /** SIGTERM, or SIGKILL, and waits for its end. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const ended = this.#process;
    if (!ended) return null;
    this.#process = undefined;
    this.#joined = false;
    this.paused = false;
    if (ended.exitCode !== null) return ended.exitCode;
    const exited = once(ended, 'exit');
    ended.kill(signal);
    const [code] = (await exited) as [number | null];
    return code;
  }

  pause(): void {
    this.#process!.kill('SIGSTOP');
    this.paused = true;
  }

  resume(): void {
    this.#process!.kill('SIGCONT');
    this.paused = false;
  }
}
