import { warnings } from './colors.js';

/** A line for people, on stderr, beside the results. */
export function notice(message: string): void {
  process.stderr.write(`${warnings.dim(message)}\n`);
}
