import { InvalidError } from '../model/errors.js';

/** The command line says something that cannot be. What is told of it ends with where to read about the command. */
export class UsageError extends InvalidError {
  constructor(
    message: string,
    /** The words of the command whose help says more; default: the one that was called. `[]`: bender itself. */
    readonly about?: readonly string[],
  ) {
    super(message);
  }
}
