/**
 * Whether a signal went to the whole process group, as a terminal sends Ctrl-C, or to this process alone, as `kill PID`
 * does. A program cannot see that of a signal, so a witness is asked: a child in the same group that a signal ends.
 */

import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long the end of the witness may take to be seen. */
const withinMs = 150;

export class GroupSignals {
  /** When the witness was last ended by each signal. */
  readonly #seenAt = new Map<NodeJS.Signals, number>();
  #witness: ChildProcess | undefined;
  #closed = false;

  constructor() {
    this.#appoint();
  }

  /** Whether the signal that this process has just received was sent to its whole group. */
  async reachedAll(signal: NodeJS.Signals): Promise<boolean> {
    const end = performance.now() + withinMs;
    do {
      if (performance.now() - (this.#seenAt.get(signal) ?? -Infinity) < 2 * withinMs) {
        this.#seenAt.delete(signal);
        return true;
      }
      await sleep(5);
    } while (performance.now() < end);
    return false;
  }

  close(): void {
    this.#closed = true;
    this.#witness?.stdin?.destroy();
    this.#witness?.kill('SIGKILL');
  }

  /** `cat` waits until this process closes its stdin, also by ending. */
  #appoint(): void {
    const witness = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] });
    this.#witness = witness;
    witness.stdin.on('error', () => undefined);
    witness.once('error', () => undefined);
    witness.once('exit', (_, signal) => {
      if (signal) this.#seenAt.set(signal, performance.now());
      if (!this.#closed && signal) this.#appoint();
    });
    witness.unref();
    (witness.stdin as unknown as { unref?: () => void }).unref?.();
  }
}
