/**
 * How far something is, on stderr: at a terminal one line that is rewritten, elsewhere a line for each
 * change.
 */

import { printable } from '../model/printable.js';
import { warnings } from './colors.js';

/** Characters. */
const longest = 400;

export class Progress {
  #told = '';
  #isOpen = false;

  constructor(private readonly output: Pick<NodeJS.WriteStream, 'isTTY' | 'write'> = process.stderr) {}

  tell(what: string): void {
    const text = printable(what, longest);
    if (text === this.#told) return;
    this.#told = text;
    const { output } = this;
    if (output.isTTY) output.write(`\r\u001b[K${warnings.dim(text)}`);
    else output.write(`${text}\n`);
    this.#isOpen = Boolean(output.isTTY);
  }

  /** Ends the line, so that other output begins on a new one. */
  end(): void {
    if (this.#isOpen) this.output.write('\n');
    this.#isOpen = false;
  }
}
