/** The base of commands that write the catalog: they send an author. */

import { Flags } from './oclif.js';
import type { ClientOptions, SwitchOptions } from '../client/index.js';
import { defaultAuthor } from './author.js';
import { type AskedFlags, ClientCommand } from './client-command.js';

export abstract class CatalogCommand extends ClientCommand {
  static override baseFlags = {
    ...ClientCommand.baseFlags,
    author: Flags.string({
      helpGroup: 'GLOBAL',
      helpValue: 'NAME',
      env: 'BENDER_AUTHOR',
      description: 'The author of this edit, for the history. [default: $BENDER_AUTHOR, else user@host]',
    }),
  };

  protected override clientOptions(flags: AskedFlags & { author?: string | undefined }): ClientOptions {
    return { ...super.clientOptions(flags), author: flags.author ?? defaultAuthor() };
  }
}

/** For commands that may send callers to nothing. */
export const forceFlag = Flags.boolean({
  description: 'Do it even if callers would be sent to nothing. Without this flag that is refused (exit code 7).',
});

/** The flag as an option of the client library. */
export const termsOf = ({ force }: { force: boolean }): SwitchOptions => ({ atLeast: force ? 0 : 1 });
