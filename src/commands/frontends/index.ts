import { ListingCommand } from '../../cli/listing-command.js';
import { frontendListing } from '../../cli/listings.js';
import type { Frontend } from '../../model/catalog.js';

export default class Frontends extends ListingCommand {
  static override summary = 'List the frontends. Subcommands: create, show, update, rm, rollback.';
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> -o name'];
  static override hiddenAliases = ['frontends:ls', 'frontends:list'];

  async run(): Promise<Frontend[]> {
    const { flags } = await this.parse(Frontends);
    const frontends = await this.client(flags).frontends();
    this.show(frontendListing, frontends);
    return frontends;
  }
}
