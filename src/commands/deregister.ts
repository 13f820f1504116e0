import { yesFlag } from '../cli/flags.js';
import { numberOf } from '../cli/number-of.js';
import { type OneOrAll, RegistrationCommand } from '../cli/registration-command.js';
import { formatId } from '../model/registration.js';

export default class Deregister extends RegistrationCommand {
  static override summary = 'Take instances offline at once, everywhere.';
  static override description = `An instance that goes on renewing registers itself again: stop it first.

Exit code 4 says that one is not registered. The others are deregistered.`;
  static override usage = ['<%= command.id %> ID...', '<%= command.id %> --app APP --version VERSION [FLAGS]'];
  static override examples = [
    '<%= config.bin %> <%= command.id %> web/1.2.0/10.0.0.5/8080',
    '<%= config.bin %> <%= command.id %> --app web --version 1.2.0 --port 8080',
    '<%= config.bin %> ls --app web --version 1.2.0 -o name | xargs <%= config.bin %> <%= command.id %>',
  ];

  static override flags = { ...RegistrationCommand.flags, yes: yesFlag };

  async run(): Promise<OneOrAll<'deregistered'>> {
    const named = await this.parseRegistrations();
    const { client, addresses, yes } = named;
    const what = addresses.length === 1 ? formatId(addresses[0]!) : numberOf(addresses.length, 'instance');
    await this.askFirst(`Take ${what} offline, everywhere?`, { yes });
    return this.forEach(named, 'deregistered', (address, options) => client.deregister(address, options));
  }
}
