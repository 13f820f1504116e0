/**
 * How help looks: oclif's, with one usage line, defaults behind what a flag does, and what all commands share at the
 * root.
 */

import { join } from 'node:path';
import { CommandHelp, Help } from '@oclif/core/help';
import type { Command } from '@oclif/core/command';
import { unknownCommand } from './unknown-command.js';

type Flag = Command.Flag.Any;
type Arg = Command.Arg.Any;

class BenderCommandHelp extends CommandHelp {
  /** Flags are listed below; the usage names those that must be given. */
  protected override defaultUsage(): string {
    const { id, args, flags } = this.command;
    const required = Object.values(flags).filter((flag) => flag.required && !flag.hidden);
    return [
      id,
      ...Object.values(args).map((arg) => this.arg(arg)),
      ...required.map((flag) => `--${flag.name} ${'helpValue' in flag ? String(flag.helpValue) : 'VALUE'}`),
      '[FLAGS]',
    ].join(' ');
  }

  /** The summary is at the top already. */
  protected override description(): string | undefined {
    return this.command.description && this.wrap(this.command.description);
  }

  protected override flags(flags: Flag[]): [string, string | undefined][] | undefined {
    return super.flags(flags.map(withNotesLast));
  }

  protected override args(args: Arg[]): [string, string | undefined][] | undefined {
    return super.args(
      args.map(({ default: given, description = '', ...arg }) => ({
        ...arg,
        description: typeof given === 'string' ? `${description} [default: ${given}]` : description,
      })),
    );
  }
}

function withNotesLast(flag: Flag): Flag {
  const { description = '', env } = flag;
  if (flag.name === 'json') return { ...flag, description: 'Print JSON.' };
  const given: unknown = flag.type === 'option' ? flag.default : undefined;
  const hasDefault = typeof given === 'string' || typeof given === 'number';
  const notes = [
    ...(env && !description.includes(`$${env}`) ? [`[env: ${env}]`] : []),
    ...(hasDefault ? [`[default: ${given}]`] : []),
  ];
  const shown = { ...flag, description: [description, ...notes].join(' ') };
  delete shown.env;
  if (shown.type === 'option') delete shown.default;
  return shown;
}

export default class BenderHelp extends Help {
  protected override CommandHelpClass = BenderCommandHelp;

  override async showHelp(argv: string[]): Promise<void> {
    const end = argv.findIndex((word) => word.startsWith('-'));
    const words = (end < 0 ? argv : argv.slice(0, end)).filter((word) => word !== '');
    // The words after a command may be its arguments.
    const isKnown = words.some((_, index) => {
      const id = words.slice(0, index + 1).join(':');
      return Boolean(this.config.findCommand(id) ?? this.config.findTopic(id));
    });
    if (words.length > 0 && !isKnown) throw unknownCommand(words, this.config.commandIDs);
    await super.showHelp(argv);
  }

  protected override async showRootHelp(): Promise<void> {
    const commands = this.sortedCommands.filter(({ id }) => id && !id.includes(':'));
    const shown = [
      this.config.pjson.description ?? '',
      this.section('USAGE', '$ bender COMMAND [ARGUMENTS] [FLAGS]'),
      this.formatCommands(commands),
      this.section('DAEMONS', this.wrap(whichDaemon)),
      this.section('EXIT CODES', exitCodes),
      this.section('MORE', this.wrap(moreAt(this.config.root))),
    ];
    this.log(shown.join('\n\n'));
  }
}

/** Which daemon commands ask. */
export const whichDaemon = `Commands ask the daemon at http://127.0.0.1:1729, or at --server URL, or at BENDER_SERVER. \
Several URLs are tried in turn: repeat the flag, or separate them by commas. 'bender serve' starts a daemon.`;

/** A line for each. */
export const exitCodes = `0  done
1  failed
2  wrong usage
3  no daemon reachable
4  not found
5  conflict, such as a name that is in use
6  timed out: wait, deploy, stop
7  refused: callers would be sent to nothing (see --force)
8  refused: no token, or one that does not allow it (see --token)
9  status, doctor: something is wrong`;

const moreAt = (root: string): string =>
  `'bender help COMMAND' or 'bender COMMAND --help' tells about a command. Documents: ${join(root, 'docs')}`;
