import { ClientCommand } from '../../cli/client-command.js';
import { nameArg } from '../../cli/flags.js';
import { weightedListing } from '../../cli/listings.js';
import type { Frontend } from '../../model/catalog.js';
import type { Weighted } from '../../model/weights.js';

export default class FrontendsShow extends ClientCommand {
  static override summary = 'Show the backend of a frontend, and the instances that its callers reach.';
  static override examples = ['<%= config.bin %> <%= command.id %> www'];
  static override args = { name: nameArg };

  async run(): Promise<Frontend & { registrations: Weighted[] }> {
    const { args, flags } = await this.parse(FrontendsShow);
    const client = this.client(flags);
    const frontend = await client.frontend(args.name);
    const registrations = await client.resolve(args.name);
    this.log(`${frontend.name}: ${frontend.backend ?? 'no backend yet'}`);
    this.show(weightedListing, registrations);
    return { ...frontend, registrations };
  }
}
