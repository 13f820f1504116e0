import { Flags } from '../../cli/oclif.js';
import { CatalogCommand } from '../../cli/catalog-command.js';
import { nameArgOf } from '../../cli/flags.js';
import { catalogText } from '../../model/routing.js';
import { routingFlags, routingFrom } from '../../cli/routing-flags.js';
import { splitFlag, targetFlags, targetFrom } from '../../cli/target-flags.js';
import { warmupFlag } from '../../cli/warmup-flag.js';
import type { Backend, Versions } from '../../model/catalog.js';

export default class BackendsCreate extends CatalogCommand {
  static override summary = 'Create a backend: a name for the instances of one app version.';
  static override description = 'Exit code 5 says that the name is in use.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> web-live --app web --version 1.2.0',
    "<%= config.bin %> <%= command.id %> api --app api --version '^2.1.0'",
    '<%= config.bin %> <%= command.id %> web-live --app web --split 1.2.0=90 --split 1.3.0=10',
    '<%= config.bin %> <%= command.id %> web-live --app web --version 1.2.0 --warmup 30s',
  ];
  static override args = { name: nameArgOf('backend') };
  static override flags = {
    app: Flags.string({ ...targetFlags.app, required: true }),
    version: Flags.string({ ...targetFlags.version, exactlyOne: ['version', 'split'] }),
    split: splitFlag,
    warmup: warmupFlag(),
    ...routingFlags,
  };

  async run(): Promise<Backend> {
    const { args, flags } = await this.parse(BackendsCreate);
    const target = { ...(targetFrom(flags) as Versions), app: flags.app };
    const backend = await this.client(flags).createBackend({
      name: args.name,
      ...target,
      ...(flags.warmup && { warmupMs: flags.warmup }),
      ...routingFrom(flags),
    });
    this.log(`created ${backend.name}: ${catalogText(backend)}`);
    return backend;
  }
}
