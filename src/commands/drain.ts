import { StateCommand } from '../cli/state-command.js';
import type { Registration } from '../model/registration.js';

export default class Drain extends StateCommand {
  static override summary = 'Leave instances out of load balancing while they stay online.';
  static override description = `Backends and frontends no longer resolve to an instance that is draining. It stays drained, whatever it reports \
and whichever daemons come and go, until 'bender undrain', or until its registration ends.

A --version that is a range, or 1 or 1.2, stands for the versions that are online now. Each instance that it stands for is printed. \
Exit code 4 says that nothing is online for it.`;
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
