/** The base of all commands: `--json` and `-o`, and errors. */

import { Command } from './oclif.js';
import { printable, printableJson } from '../model/printable.js';
import { helpFor, toFailure } from './exit-codes.js';
import { type Format, formatIn } from './output-flag.js';

/** Characters: room for a backend with the most versions that one may have. */
const longestLine = 4000;

/**
 * A command throws the errors of src/model/errors.ts. Each becomes one line on stderr, or with `--json` the
 * object `{"error": {"code", "message"}}` on stdout, and the same exit code either way.
 */
export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true;

  #yamlText: ((value: unknown) => string) | undefined;

  protected override async init(): Promise<void> {
    await super.init();
    if (this.format === 'yaml') this.#yamlText = (await import('./yaml-text.js')).yamlText;
  }

  /** The format of `-o`, for commands that take it. */
  protected get format(): Format | undefined {
    const { flags, baseFlags } = this.ctor;
    return 'output' in { ...baseFlags, ...flags } ? formatIn(this.argv) : undefined;
  }

  /** Whether data is wanted, and no text for people: JSON, or the same as YAML. */
  override jsonEnabled(): boolean {
    return super.jsonEnabled() || this.format === 'json' || this.format === 'yaml';
  }

  /** Whether each document of a stream has a line of its own in JSON, for commands that print more than one. */
  protected get isStream(): boolean {
    return false;
  }

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

  override logJson(data: unknown): void {
    process.stdout.write(`${this.dataText(data)}\n`);
  }

  /** Data as JSON, or as YAML if that is wanted. */
  protected dataText(data: unknown): string {
    if (this.#yamlText) return `${this.isStream ? '---\n' : ''}${this.#yamlText(data).trimEnd()}`;
    return printableJson(data, this.isStream ? undefined : 2);
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
    const printData = this.jsonEnabled() ? (data: object) => this.logJson(data) : undefined;
    await printFailure(error, { printData, help, beside: this.besideError() });
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
