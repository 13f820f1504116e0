import { each } from '../cli/each.js';
import { oneOrAll, type OneOrAll, RegistrationCommand } from '../cli/registration-command.js';
import { formatId } from '../model/registration.js';

export default class Renew extends RegistrationCommand {
  static override summary = 'Keep registrations online for another TTL.';
  static override description =
    'Exit code 4 says that one is not registered, or no longer: register it again. The others are renewed.';
  static override usage = ['<%= command.id %> ID...', '<%= command.id %> --app APP --version VERSION [FLAGS]'];
  static override examples = [
    '<%= config.bin %> <%= command.id %> web/1.2.0/10.0.0.5/8080',
    '<%= config.bin %> <%= command.id %> --app web --version 1.2.0 --port 8080',
  ];

  async run(): Promise<OneOrAll<{ id: string; renewed: true }>> {
    const { client, addresses, instance } = await this.parseRegistrations();
    const renewed: { id: string; renewed: true }[] = [];
    this.done = renewed;
    await each(addresses, async (address) => {
      await client.renew(address, { instance });
      const id = formatId(address);
      renewed.push({ id, renewed: true });
      this.log(`renewed ${id}`);
    });
    return oneOrAll(renewed, addresses);
  }
}
