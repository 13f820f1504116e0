import { yesFlag } from '../cli/flags.js';
import { RegistrationCommand } from '../cli/registration-command.js';

export default class Deregister extends RegistrationCommand {
  static override summary = 'Take an instance offline at once, everywhere.';
  static override description = 'An instance that goes on renewing registers itself again: stop it first.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> web/1.2.0/10.0.0.5/8080',
    '<%= config.bin %> <%= command.id %> --app web --version 1.2.0 --port 8080',
  ];

  static override flags = { ...RegistrationCommand.flags, yes: yesFlag };

  async run(): Promise<{ id: string; deregistered: true }> {
    const { client, address, id, instance, yes } = await this.parseRegistration();
    await this.askFirst(`Take ${id} offline, everywhere?`, { yes });
    await client.deregister(address, { instance });
    this.log(`deregistered ${id}`);
    return { id, deregistered: true };
  }
}
