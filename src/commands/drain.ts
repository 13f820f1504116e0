import { forceFlag } from '../cli/catalog-command.js';
import { endFlags } from '../cli/drain-end.js';
import { StateCommand } from '../cli/state-command.js';
import type { DrainRule } from '../model/drain-rule.js';
import type { Registration } from '../model/registration.js';

export default class Drain extends StateCommand {
  // Read from this very class, unlike args and flags.
  static override strict = false;
  static override summary = 'Leave instances out of load balancing while they stay online.';
  static override description = `Backends and frontends no longer resolve to an instance that is draining. It stays drained, whatever it reports \
and whichever daemons come and go, until 'bender undrain', or until its registration ends.

With --for or --until the drain ends by itself, also if every daemon is restarted meanwhile, one at a time. Draining again with another end \
replaces it; without one, the instance stays drained.

With --rule, a rule in the catalog drains them. It also holds for instances that come online later, and is in the history with its \
author. 'bender ls rules' lists the rules. If the rule exists already, only its reason changes.

A --version that is a range, or 1 or 1.2, stands for the versions that are online now. Each instance that it stands for is printed. \
Exit code 4 says that nothing is online for it. Exit code 7 says that the rule would leave a frontend with nothing.`;
  static override usage = [
    '<%= command.id %> ID... [--reason TEXT] [--for DURATION | --until TIME]',
    '<%= command.id %> --app APP [--version VERSION] [--for DURATION | --until TIME | --rule]',
  ];
  static override examples = [
    "<%= config.bin %> <%= command.id %> web/1.2.0/10.0.0.5/8080 --reason 'kernel update'",
    '<%= config.bin %> <%= command.id %> web/1.2.0/10.0.0.5/8080 --for 30m',
    '<%= config.bin %> <%= command.id %> --app web --version 1.2.0 --until 14:30',
    "<%= config.bin %> <%= command.id %> --app web --version 1.2.0 --rule --reason 'leaks memory'",
  ];
  static override flags = { ...StateCommand.flags, ...endFlags, force: forceFlag };

  async run(): Promise<Registration[] | DrainRule[]> {
    return this.decide(true);
  }
}
