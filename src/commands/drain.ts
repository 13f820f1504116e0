import { StateCommand } from '../cli/state-command.js';
import type { Registration } from '../model/registration.js';

export default class Drain extends StateCommand {
  static override summary = 'Leave instances out of load balancing, while they stay online.';
  static override description = `Frontends and backends resolve to an instance that drains no more. It stays so, \
whatever the instance says of itself and whatever daemons come and go, until \`bender undrain\`, or until the \
registration ends.`;
  static override usage = [
    '<%= command.id %> ID... [--reason TEXT]',
    '<%= command.id %> --app APP [--version VERSION]',
  ];
  static override examples = [
    "<%= config.bin %> <%= command.id %> web/1.2.0/10.0.0.5/8080 --reason 'kernel update'",
    '<%= config.bin %> <%= command.id %> --app web --version 1.2.0',
  ];

  async run(): Promise<Registration[]> {
    return this.decide(true);
  }
}
