import { Args, Flags } from '../cli/oclif.js';
import { ListingCommand } from '../cli/listing-command.js';
import { editListing } from '../cli/listings.js';
import { NotFoundError } from '../model/errors.js';
import type { Edit } from '../model/history.js';
import { limits } from '../model/limits.js';

export default class History extends ListingCommand {
  static override summary = 'List the edits of backends, frontends and drain rules, with author, time and values.';
  static override description = `The last edit comes first. EDIT is what 'rollback --to' takes. THROUGH is the daemon that took the edit. Edits of one thing \
that were made at two daemons at the same time are marked as concurrent: one of them has won.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> web --limit 3',
  ];
  static override args = {
    name: Args.string({ ignoreStdin: true, description: 'Only the backend, frontend or drain rule with this name.' }),
  };
  static override flags = {
    limit: Flags.integer({
      min: 1,
      max: limits.history,
      default: 20,
      helpValue: 'N',
      description: 'The most edits to print.',
    }),
  };

  async run(): Promise<Edit[]> {
    const { args, flags } = await this.parse(History);
    const { name } = args;
    const which = name === undefined ? {} : { backend: name, frontend: name, drainRule: name };
    const edits = await this.client(flags).history({ ...which, limit: flags.limit });
    if (edits.length === 0 && name !== undefined)
      throw new NotFoundError(`no backend, frontend or drain rule was ever called '${name}'`);
    this.show(editListing, edits);
    return edits;
  }
}
