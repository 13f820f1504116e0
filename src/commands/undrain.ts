import { StateCommand } from '../cli/state-command.js';
import type { Registration } from '../model/registration.js';

export default class Undrain extends StateCommand {
  static override summary = 'Take instances back into load balancing.';
  static override description = 'Exit code 4 says that no such instance is online.';
  static override usage = ['<%= command.id %> ID...', '<%= command.id %> --app APP [--version VERSION]'];
  static override examples = [
    '<%= config.bin %> <%= command.id %> web/1.2.0/10.0.0.5/8080',
    '<%= config.bin %> <%= command.id %> --app web',
  ];

  async run(): Promise<Registration[]> {
    return this.decide(false);
  }
}
