import { StateCommand } from '../cli/state-command.js';
import type { DrainRule } from '../model/drain-rule.js';
import type { Registration } from '../model/registration.js';

export default class Undrain extends StateCommand {
  // Read from this very class, unlike args and flags.
  static override strict = false;
  static override summary = 'Take instances back into load balancing.';
  static override description = `Each instance that was draining and takes part again is printed. With --app, this also ends the drain rules for that app, or for the \
given version or range of it; with --rule, it only ends those. An instance that a rule still drains is not undrained by its id: exit code 5 says so, and the \
message names the command that ends the rule.

Exit code 4 says that no such instance is online, or that there is no such rule.`;
  static override usage = ['<%= command.id %> ID...', '<%= command.id %> --app APP [--version VERSION] [--rule]'];
  static override examples = [
    '<%= config.bin %> <%= command.id %> web/1.2.0/10.0.0.5/8080',
    '<%= config.bin %> <%= command.id %> --app web',
    '<%= config.bin %> <%= command.id %> --app web --version 1.2.0 --rule',
  ];

  async run(): Promise<Registration[] | DrainRule[]> {
    return this.decide(false);
  }
}
