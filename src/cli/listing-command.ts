/** The base of commands that list what a daemon knows. */

import { ClientCommand } from './client-command.js';
import { trustedFlag } from './flags.js';
import { listText, none } from './list-text.js';
import type { Listing } from './listings.js';
import { notice } from './notice.js';
import { outputFlag } from './output-flag.js';

export abstract class ListingCommand extends ClientCommand {
  static override baseFlags = { ...ClientCommand.baseFlags, trusted: trustedFlag, output: outputFlag };

  /** Only names are wanted, and nothing beside them. */
  protected get namesOnly(): boolean {
    return this.format === 'name';
  }

  /** Shows `things` as the flags say; that there are none is a notice, and no result. */
  protected show<T>(listing: Listing<T>, things: readonly T[]): void {
    if (this.jsonEnabled()) return;
    if (things.length === 0) return notice(none(listing));
    this.print(listText(listing, things, this.format));
  }
}
