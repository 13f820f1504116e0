import { ClientCommand } from '../../cli/client-command.js';
import { daemonListing } from '../../cli/listings.js';
import type { DaemonInfo } from '../../model/daemon.js';

export default class Daemons extends ClientCommand {
  static override summary = 'List the daemons, as the one that is asked sees them.';
  static override description =
    'LINK is the time that the last direct exchange took, where there is a link. BEHIND counts the documents of which that daemon is not known to have the present state.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --server http://10.0.0.2:1729 --json',
  ];

  async run(): Promise<DaemonInfo[]> {
    const { flags } = await this.parse(Daemons);
    const daemons = await this.client(flags).daemons();
    this.show(daemonListing, daemons);
    return daemons;
  }
}
