import { ListingCommand } from '../../cli/listing-command.js';
import { backendListing } from '../../cli/listings.js';
import type { Backend } from '../../model/catalog.js';

export default class Backends extends ListingCommand {
  static override summary = 'List the backends. Subcommands: create, show, update, rm.';
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> -o name'];
  static override hiddenAliases = ['backends:ls', 'backends:list'];

  async run(): Promise<Backend[]> {
    const { flags } = await this.parse(Backends);
    const backends = await this.client(flags).backends();
    this.show(backendListing, backends);
    return backends;
  }
}
