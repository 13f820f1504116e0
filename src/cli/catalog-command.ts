/** What all commands share that write the catalog: they say who does it. */

import { Flags } from './oclif.js';
import { Client, type SwitchOptions } from '../client/index.js';
import { defaultAuthor } from './author.js';
import { ClientCommand } from './client-command.js';

export abstract class CatalogCommand extends ClientCommand {
  static override baseFlags = {
    ...ClientCommand.baseFlags,
    author: Flags.string({
      helpGroup: 'GLOBAL',
      helpValue: 'NAME',
      env: 'BENDER_AUTHOR',
      description: 'Who makes this edit, for the history. [default: $BENDER_AUTHOR, else user@host]',
    }),
  };

  protected override client(flags: { server?: string[] | undefined; author?: string | undefined }): Client {
    return new Client({
      servers: this.servers(flags),
      author: flags.author ?? defaultAuthor(),
      onCaveats: this.caveats.tell,
    });
  }
}

/** For commands that may send callers to nothing. */
export const forceFlag = Flags.boolean({
  description:
    'Do it even if callers are sent to nothing then. Without this flag that is refused (exit code 7).',
});

/** What the flag says to the client library. */
export const termsOf = ({ force }: { force: boolean }): SwitchOptions => ({ atLeast: force ? 0 : 1 });
