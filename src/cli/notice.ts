import { printable } from '../model/printable.js';
import { warnings } from './colors.js';

/** Characters. */
const longest = 1000;

/** A line for people, on stderr, beside the results. */
export function notice(message: string): void {
  process.stderr.write(`${warnings.dim(printable(message, longest))}\n`);
}
