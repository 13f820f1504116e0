/** A process that takes JSON lines on stdin and answers with JSON lines on stdout. */

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export class JsonProcess<Line extends { type: string }> {
  readonly errors: string[] = [];
  #echoes = 0;
  readonly #awaited = new Map<number, (line: Line) => void>();

  constructor(
    readonly process: ChildProcess,
    onLine: (line: Line) => void,
  ) {
    createInterface({ input: process.stdout! }).on('line', (text) => {
      const line = JSON.parse(text) as Line & { echo?: number };
      if (line.type === 'echo') this.#awaited.get(line.echo!)?.(line);
      else onLine(line);
    });
    createInterface({ input: process.stderr! }).on('line', (text) => this.errors.push(text));
  }

  send(command: unknown): void {
    this.process.stdin!.write(`${JSON.stringify(command)}\n`);
  }

  /** The answer to a command. All that the process said before has been read by then. */
  async answer<Answer>(command: object = {}): Promise<Answer> {
    const echo = ++this.#echoes;
    const answered = new Promise<Line>((resolve) => this.#awaited.set(echo, resolve));
    this.send({ ...command, echo });
    return (await answered) as unknown as Answer;
  }

  async end(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    this.process.kill('SIGKILL');
    await once(this.process, 'exit');
  }
}
