import { InvalidError } from '../model/errors.js';

/** The command line is not valid. The message ends with the command that shows its help. */
export class UsageError extends InvalidError {
  constructor(
    message: string,
    /** The words of the command whose help applies; default: the one that was called. `[]`: bender itself. */
    readonly about?: readonly string[],
  ) {
    super(message);
  }
}
