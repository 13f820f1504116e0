/** A real daemon, as a process of its own. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { linesOf } from '../helpers/cli.js';
import { eventually } from '../helpers/eventually.js';

const settings = ['--log-format', 'json', '--log-level', 'error', '--warm-for', '0', '--no-remote-checks'];

export class Victim {
  private constructor(
    private readonly process: ChildProcess,
    /** What it logged so far. */
    readonly errors: readonly string[],
    readonly url: string,
  ) {}

  /** Resolves when it serves. */
  static async start(args: readonly string[] = [], port = 0): Promise<Victim> {
    const child = spawn(process.execPath, ['bin/run.js', 'serve', ...['--port', String(port)], ...settings, ...args]);
    const [lines, errors] = [linesOf(child.stdout), linesOf(child.stderr)];
    const { url } = JSON.parse(await eventually(() => lines[0], { withinMs: 60_000 })) as { url: string };
    return new Victim(child, errors, url);
  }

  get hasEnded(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null;
  }

  /** Resolves when it has ended. */
  async end(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (this.hasEnded) return;
    this.process.kill(signal);
    await once(this.process, 'exit');
  }

  /** What it answers. */
  async ask(method: string, path: string, body?: string): Promise<string> {
    const response = await fetch(new URL(path, this.url), {
      method,
      ...(body !== undefined && { body, headers: { 'content-type': 'application/json' } }),
    });
    return response.text();
  }
}
