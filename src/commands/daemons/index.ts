import { ListingCommand } from '../../cli/listing-command.js';
import { daemonListing } from '../../cli/listings.js';
import type { DaemonInfo } from '../../model/daemon.js';

export default class Daemons extends ListingCommand {
  static override summary = 'List the daemons, as seen by the daemon that answers. Subcommand: forget.';
  static override description =
    'HEARD is how long ago the daemon was heard last. LINK is the time that the last direct exchange with it took, if there is a direct link. BEHIND is the number of documents that the daemon may not have in their present state. HOLDS counts the registrations that were renewed there last.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --server http://10.0.0.2:1729 --json',
  ];
  static override hiddenAliases = ['daemons:ls', 'daemons:list'];

  async run(): Promise<DaemonInfo[]> {
    const { flags } = await this.parse(Daemons);
    const daemons = await this.client(flags).daemons();
    this.show(daemonListing, daemons);
    return daemons;
  }
}
