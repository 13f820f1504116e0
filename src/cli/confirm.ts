/** A question before an action that cannot be undone. */

import { createInterface } from 'node:readline/promises';
import { UsageError } from './usage-error.js';

/**
 * Asks at the terminal whether to continue. Throws UsageError without a terminal.
 *
 * @param input  whether standard input is the terminal, and not read from already
 */
export async function confirmed(
  question: string,
  { isTerminal = Boolean(process.stdin.isTTY) } = {},
): Promise<boolean> {
  if (!isTerminal) throw new UsageError('there is no terminal to ask at: --yes goes on without asking');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}
