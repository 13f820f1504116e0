/** Started by bin/run.js: oclif, from the same bundle as the commands. */

import { run } from '@oclif/core/run';
import { endOnErrors } from './last-errors.js';
import { maskProcessTitle } from './process-title.js';

/** Runs the command that the command line names. */
export async function main(): Promise<void> {
  endOnErrors();
  maskProcessTitle();
  const words = process.argv.slice(2);
  try {
    await run(words, import.meta.url);
  } catch (error) {
    process.exit(await exitCodeOf(error, words));
  }
}

/** Commands report their own errors, and end with `exit`. Other errors here are about finding the command. */
async function exitCodeOf(error: unknown, words: readonly string[]): Promise<number> {
  const { code, oclif } = error as { code?: string; oclif?: { exit?: number } };
  if (code === 'EEXIT') return oclif?.exit ?? 0;
  const { toFailure, helpFor } = await import('./exit-codes.js');
  const { printFailure } = await import('./failure.js');
  const { printableJson } = await import('../model/printable.js');
  const print = (data: object): void => void process.stdout.write(`${printableJson(data, 2)}\n`);
  await printFailure(error, { printData: words.includes('--json') ? print : undefined, help: helpFor(error, []) });
  return toFailure(error).exitCode;
}
