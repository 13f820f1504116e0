/** A terminal into which a test types what a page of the documentation says: bash, with job control and aliases. */

import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { Writable } from 'node:stream';

/**
 * What fails is remembered, and errors stand between the other lines as on a screen. Blocks come by a descriptor of
 * their own, each with a NUL at its end: what runs in the background must not read from it.
 */
const script = `
exec 2>&1; set -m; shopt -s expand_aliases; trap 'failed=$BASH_COMMAND' ERR
while IFS= read -r -d '' -u 3 block; do eval "$block"; done`;

export class Terminal {
  readonly #shell: ChildProcess;
  readonly #ended: Promise<void>;
  /** In the environment of all that is started here. */
  readonly #mark = randomUUID();
  #shown = '';
  #blocks = 0;

  constructor({ cwd, env }: { cwd: string; env: NodeJS.ProcessEnv }) {
    this.#shell = spawn('bash', ['--norc', '--noprofile', '-c', script], {
      ...{ cwd, env: { ...env, TERMINAL_OF_TEST: this.#mark }, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] },
    });
    this.#ended = new Promise((resolve) => this.#shell.once('exit', () => resolve()));
    for (const output of [this.#shell.stdout!, this.#shell.stderr!])
      output.setEncoding('utf8').on('data', (text: string) => (this.#shown += text));
  }

  /** What the terminal shows meanwhile. Rejects if a command fails, or the block has not ended in time. */
  async run(block: string, { withinMs = 60_000 } = {}): Promise<string> {
    const end = `--- end of block ${++this.#blocks}:`;
    const from = this.#shown.length;
    this.#type(`failed=\n${block}\nprintf '\\n%s %s\\n' '${end}' "$failed"`);
    const deadline = performance.now() + withinMs;
    for (;;) {
      const [shown, rest] = this.#shown.slice(from).split(`\n${end}`);
      const [, failed] = /^ (.*)\n/.exec(rest ?? '') ?? [];
      if (failed === '') return shown!;
      if (failed !== undefined) throw new Error(`\`${failed}\` failed in\n${block}\n${shown}`);
      if (performance.now() > deadline) throw new Error(`not done within ${withinMs} ms:\n${block}\n${shown}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Begins what runs until the terminal is closed. */
  start(command: string): void {
    this.#type(`${command} &`);
  }

  /** Ends its jobs, and itself. */
  async close(): Promise<void> {
    this.#type('kill $(jobs -p) 2>/dev/null; wait; exit 0');
    const timer = setTimeout(() => this.#killRest(), 10_000);
    await this.#ended;
    clearTimeout(timer);
    this.#killRest();
    for (const stream of this.#shell.stdio) stream?.destroy();
  }

  /** What a block has left that was not done in time, on Linux. */
  #killRest(): void {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
      try {
        if (readFileSync(`/proc/${pid}/environ`, 'utf8').includes(this.#mark)) process.kill(Number(pid), 'SIGKILL');
      } catch {
        // It has ended, or is of another user.
      }
  }

  #type(text: string): void {
    (this.#shell.stdio[3] as Writable).write(`${text}\0`);
  }
}
