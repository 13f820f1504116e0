import { type OneOrAll, RegistrationCommand } from '../cli/registration-command.js';

export default class Renew extends RegistrationCommand {
  static override summary = 'Keep registrations online for another TTL.';
  static override description =
    'Exit code 4 says that one is not registered, or no longer: register it again. The others are renewed.';
  static override usage = ['<%= command.id %> ID...', '<%= command.id %> --app APP --version VERSION [FLAGS]'];
  static override examples = [
    '<%= config.bin %> <%= command.id %> web/1.2.0/10.0.0.5/8080',
    '<%= config.bin %> <%= command.id %> --app web --version 1.2.0 --port 8080',
  ];

  async run(): Promise<OneOrAll<'renewed'>> {
    const named = await this.parseRegistrations();
    return this.forEach(named, 'renewed', (address, options) => named.client.renew(address, options));
  }
}
