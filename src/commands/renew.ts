import { RegistrationCommand } from '../cli/registration-command.js';

export default class Renew extends RegistrationCommand {
  static override summary = 'Keep a registration online for another TTL.';
  static override description = 'Exit code 4 says that it is not registered, or no longer: register it again.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> web/1.2.0/10.0.0.5/8080',
    '<%= config.bin %> <%= command.id %> --app web --version 1.2.0 --port 8080',
  ];

  async run(): Promise<{ id: string; renewed: true }> {
    const { client, address, id, instance } = await this.parseRegistration();
    await client.renew(address, { instance });
    this.log(`renewed ${id}`);
    return { id, renewed: true };
  }
}
