import { ClientCommand } from '../../cli/client-command.js';
import { nameArg } from '../../cli/flags.js';
import { registrationListing } from '../../cli/listings.js';
import type { Backend } from '../../model/catalog.js';
import type { Registration } from '../../model/registration.js';

export default class BackendsShow extends ClientCommand {
  static override summary = 'Show what a backend points at, and the instances that are online for it.';
  static override examples = ['<%= config.bin %> <%= command.id %> web-live'];
  static override args = { name: nameArg };

  async run(): Promise<Backend & { registrations: Registration[] }> {
    const { args, flags } = await this.parse(BackendsShow);
    const client = this.client(flags);
    const backend = await client.backend(args.name);
    const registrations = await client.backendRegistrations(args.name);
    this.log(`${backend.name}: ${backend.app}@${backend.version}`);
    this.show(registrationListing, registrations);
    return { ...backend, registrations };
  }
}
