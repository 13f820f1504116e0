/** How a command fails: one line on stderr, or with `--json` the object `{"error": {"code", "message"}}` on stdout. */

import { printable, printableStack } from '../model/printable.js';
import { toFailure } from './exit-codes.js';

type PrintData = (data: object) => void;

/** Characters. */
const longest = 600;

/**
 * @param printData  prints an object on stdout; undefined for a line on stderr
 * @param help  the command to run for help, printed after the message; undefined for none
 * @param beside  further JSON fields beside the error
 */
export async function printFailure(
  error: unknown,
  { printData, help, beside }: { printData: PrintData | undefined; help?: string | undefined; beside?: object },
): Promise<void> {
  const failure = toFailure(error);
  const { code } = failure;
  const message = help === undefined ? failure.message : `${failure.message} (see ${help})`;
  if (printData) printData({ error: { code, message }, ...beside });
  else {
    const { warnings } = await import('./colors.js');
    process.stderr.write(`${warnings.red('Error:')} ${printable(message, longest)}\n`);
  }
  if (process.env.DEBUG && error instanceof Error) process.stderr.write(`${printableStack(error)}\n`);
}
