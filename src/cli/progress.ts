/**
 * How far something is, on stderr, and for how long it has been waited for: at a terminal one line that is rewritten
 * every second, elsewhere a line for each change, and one now and then while nothing changes.
 */

import { printable } from '../model/printable.js';
import { warnings } from './colors.js';
import { elapsed } from './durations.js';

/** Characters. */
const longest = 400;

/** ms from one line to the next while nothing changes. */
const everyMs = { atTerminal: 1000, elsewhere: 30_000 };

type Output = Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'write'>;

export class Progress {
  #told = '';
  #isOpen = false;
  #timer: NodeJS.Timeout | undefined;
  readonly #since: number;

  /** @param now  ms of any clock */
  constructor(
    private readonly output: Output = process.stderr,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#since = now();
  }

  tell(what: string): void {
    const text = printable(what, longest);
    if (text === this.#told) return;
    this.#told = text;
    const { isTTY } = this.output;
    if (isTTY) this.#rewrite();
    else this.output.write(`${text}\n`);
    clearInterval(this.#timer);
    const again = (): void =>
      isTTY ? this.#rewrite() : void this.output.write(`${text} (after ${this.#elapsed()})\n`);
    this.#timer = setInterval(again, isTTY ? everyMs.atTerminal : everyMs.elsewhere).unref();
  }

  /** Ends the line, so that other output begins on a new one. */
  end(): void {
    clearInterval(this.#timer);
    if (this.#isOpen) this.output.write('\n');
    this.#isOpen = false;
  }

  /** As much as fits: a line that wraps cannot be written over. */
  #rewrite(): void {
    // 0: a terminal that does not know its width.
    const columns = this.output.columns || 80;
    const time = ` · ${this.#elapsed()}`;
    const room = Math.max(columns - 1 - time.length, 10);
    const text = this.#told.length > room ? `${this.#told.slice(0, room - 1)}…` : this.#told;
    this.output.write(`\r\u001b[K${warnings.dim(`${text}${time}`)}`);
    this.#isOpen = true;
  }

  #elapsed(): string {
    return elapsed(this.now() - this.#since);
  }
}
