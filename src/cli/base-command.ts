/** The base of all commands: `--json`, and errors. */

import { Command } from './oclif.js';
import { printable, printableJson } from '../model/printable.js';
import { helpFor, toFailure } from './exit-codes.js';

/** Characters: room for a backend with the most versions that one may have. */
const longestLine = 4000;

/**
 * A command throws the errors of src/model/errors.ts. Each becomes one line on stderr, or with `--json` the
 * object `{"error": {"code", "message"}}` on stdout, and the same exit code either way.
 */
export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true;

  /**
   * Prints one line with invisible characters escaped, since names and other texts come from other programs. Text that
   * is laid out already, of printable parts, goes to {@link print}.
   */
  override log(line = ''): void {
    this.print(printable(line, longestLine));
  }

  /** Prints lines as they are; nothing with `--json`. */
  protected print(lines: string): void {
    super.log(lines);
  }

  override logJson(json: unknown): void {
    process.stdout.write(`${printableJson(json, 2)}\n`);
  }

  /** Whether there is a person to ask: at a terminal, and not with `--json`. */
  protected get asks(): boolean {
    return !this.jsonEnabled() && Boolean(process.stdin.isTTY && process.stderr.isTTY);
  }

  /**
   * Asks before something is taken away, if there is a person to ask: a script is not asked. After a no the command
   * ends, with exit code 1.
   */
  protected async askFirst(question: string, { yes }: { yes?: boolean | undefined } = {}): Promise<void> {
    if (yes || !this.asks) return;
    const { confirmed } = await import('./confirm.js');
    if (await confirmed(printable(question, longestLine))) return;
    process.stderr.write('Nothing was changed.\n');
    this.exit(1);
  }

  protected override async catch(error: Error): Promise<never> {
    if ((error as NodeJS.ErrnoException).code === 'EEXIT') throw error; // this.exit(…), on purpose.
    await this.tellFailure(error);
    return this.exit(toFailure(error).exitCode);
  }

  /** One line on stderr, or an object on stdout. */
  protected async tellFailure(error: unknown): Promise<void> {
    const { printFailure } = await import('./failure.js');
    const help = helpFor(error, this.id!.split(':'));
    await printFailure(error, { json: this.jsonEnabled(), help, beside: this.besideError() });
  }

  /** Further JSON fields beside an error. */
  protected besideError(): object {
    return {};
  }

  protected override toErrorJson(error: unknown): { error: { code: string; message: string } } {
    const { code, message } = toFailure(error);
    return { error: { code, message } };
  }
}
