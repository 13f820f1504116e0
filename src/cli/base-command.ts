/** What all commands share: `--json`, and how they fail. */

import { Command } from './oclif.js';
import { toFailure } from './exit-codes.js';

/**
 * A command throws the errors of src/model/errors.ts. Each becomes one line on stderr, or with `--json` the
 * object `{"error": {"code", "message"}}` on stdout, and the same exit code either way.
 */
export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true;

  protected override async catch(error: Error): Promise<never> {
    if ((error as NodeJS.ErrnoException).code === 'EEXIT') throw error; // this.exit(…), on purpose.
    const { message, exitCode } = toFailure(error);
    if (this.jsonEnabled()) this.logJson(this.toErrorJson(error));
    else {
      const { warnings } = await import('./colors.js');
      process.stderr.write(`${warnings.red('Error:')} ${message}\n`);
    }
    if (process.env.DEBUG) process.stderr.write(`${error.stack}\n`);
    return this.exit(exitCode);
  }

  protected override toErrorJson(error: unknown): { error: { code: string; message: string } } {
    const { code, message } = toFailure(error);
    return { error: { code, message } };
  }
}
