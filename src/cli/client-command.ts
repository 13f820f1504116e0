/** What all commands share that ask a daemon: which one that is, and how lists are shown. */

import { Flags } from './oclif.js';
import { Client, defaultServer } from '../client/index.js';
import { BaseCommand } from './base-command.js';
import type { Listing } from './listings.js';
import { printableCopy } from '../model/printable.js';
import { notice } from './notice.js';
import { table } from './table.js';

export abstract class ClientCommand extends BaseCommand {
  static override baseFlags = {
    server: Flags.string({
      char: 's',
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
      helpGroup: 'GLOBAL',
      helpValue: 'URL',
      description: `A daemon; repeat it for others to try in turn. [default: $BENDER_SERVER, else ${defaultServer}]`,
    }),
  };

  protected client(flags: { server?: string[] | undefined }): Client {
    return new Client({ servers: serversFrom(flags.server) });
  }

  /** Shows `things` as a table; that there are none is a notice, and no result. */
  protected show<T>({ plural, columns }: Listing<T>, things: T[]): void {
    if (this.jsonEnabled()) return;
    if (things.length === 0) return notice(`No ${plural}.`);
    const rows = things.map(printableCopy).map((thing) => Object.values(columns).map((cell) => cell(thing)));
    this.print(table(Object.keys(columns), rows));
  }
}

/** Those of the flag, else of the comma-separated list in `BENDER_SERVER`; none where that is unset or empty. */
export const serversFrom = (given: string[] | undefined): string[] =>
  given ??
  (process.env.BENDER_SERVER ?? '')
    .split(',')
    .map((url) => url.trim())
    .filter((url) => url !== '');
