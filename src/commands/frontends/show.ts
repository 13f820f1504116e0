import { ListingCommand } from '../../cli/listing-command.js';
import { conflictLines } from '../../cli/conflict.js';
import { nameArgOf } from '../../cli/flags.js';
import { weightedListing } from '../../cli/listings.js';
import { catalogText } from '../../model/routing.js';
import type { Frontend } from '../../model/catalog.js';
import type { WithConflicts } from '../../model/history.js';
import type { Weighted } from '../../model/weights.js';

export default class FrontendsShow extends ListingCommand {
  static override summary = 'Show the backend of a frontend, and the instances that its callers reach.';
  static override examples = ['<%= config.bin %> <%= command.id %> www'];
  static override args = { name: nameArgOf('frontend') };

  async run(): Promise<WithConflicts<Frontend> & { registrations: Weighted[] }> {
    const { args, flags } = await this.parse(FrontendsShow);
    const client = this.client(flags);
    const frontend = await client.frontend(args.name);
    const registrations = await client.resolve(args.name);
    if (!this.namesOnly) {
      this.log(`${frontend.name}: ${catalogText(frontend)}`);
      for (const line of conflictLines(frontend, catalogText)) this.print(line);
    }
    this.show(weightedListing, registrations);
    return { ...frontend, registrations };
  }
}
