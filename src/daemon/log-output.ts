/**
 * Writes lines at once, and never waits: a reader may hang or be gone, a disk may be full. Lines that cannot be written
 * are tried again with the next one; beyond `mostWaiting` bytes lines are lost, and their number is logged when writing
 * works again.
 *
 * pino's own destination waits for a pipe that is full, and takes nothing more once its buffer is.
 */

import { writeSync } from 'node:fs';

/** Bytes that are kept while they cannot be written. */
const mostWaiting = 100_000;

export class LogOutput {
  #waiting = Buffer.alloc(0);
  #lost = 0;

  /**
   * @param file  a descriptor. If it is a pipe, it must be non-blocking, as Node makes those of stdout and stderr.
   * @param lossLine  the line that says how many were lost
   */
  constructor(
    private readonly file: number,
    private readonly lossLine: (lost: number) => string,
  ) {}

  write(line: string): void {
    this.#flush();
    if (this.#waiting.length > (this.#lost > 0 ? mostWaiting / 2 : mostWaiting)) return void this.#lost++;
    const before = this.#lost > 0 ? this.lossLine(this.#lost) : '';
    this.#lost = 0;
    this.#waiting = Buffer.concat([this.#waiting, Buffer.from(before + line)]);
    this.#flush();
  }

  #flush(): void {
    try {
      while (this.#waiting.length > 0) this.#waiting = this.#waiting.subarray(writeSync(this.file, this.#waiting));
    } catch {
      // Later, or never.
    }
  }
}
