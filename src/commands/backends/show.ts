import { ListingCommand } from '../../cli/listing-command.js';
import { conflictLines } from '../../cli/conflict.js';
import { nameArgOf } from '../../cli/flags.js';
import { weightedListing } from '../../cli/listings.js';
import { catalogText } from '../../model/routing.js';
import type { Backend } from '../../model/catalog.js';
import type { WithConflicts } from '../../model/history.js';
import type { Weighted } from '../../model/weights.js';

export default class BackendsShow extends ListingCommand {
  static override summary = 'Show the target of a backend, and the instances that are online for it.';
  static override examples = ['<%= config.bin %> <%= command.id %> web-live'];
  static override args = { name: nameArgOf('backend') };

  async run(): Promise<WithConflicts<Backend> & { registrations: Weighted[] }> {
    const { args, flags } = await this.parse(BackendsShow);
    const client = this.client(flags);
    const backend = await client.backend(args.name);
    const registrations = await client.backendRegistrations(args.name);
    if (!this.namesOnly) {
      this.log(`${backend.name}: ${catalogText(backend)}`);
      for (const line of conflictLines(backend, catalogText)) this.print(line);
    }
    this.show(weightedListing, registrations);
    return { ...backend, registrations };
  }
}
