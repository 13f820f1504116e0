import { Flags } from '../../cli/oclif.js';
import { CatalogCommand, forceFlag, termsOf } from '../../cli/catalog-command.js';
import { nameArgOf } from '../../cli/flags.js';
import { splitFlag, targetFlags, targetFrom } from '../../cli/target-flags.js';
import type { Backend } from '../../model/catalog.js';
import { formatTarget } from '../../model/catalog.js';

export default class BackendsUpdate extends CatalogCommand {
  static override summary = 'Point a backend at another version or app, or at several versions.';
  static override description = `With --split, each version gets its share of the requests, however many instances it \
has. 'bender resolve' shows the weights.

Exit code 7 says that nothing is online for it (or for one of the versions). Nothing is changed then. 'bender deploy' waits until \
something is online.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> web-live --version 1.3.0',
    '<%= config.bin %> <%= command.id %> web-live --split 1.2.0=90 --split 1.3.0=10',
  ];
  static override args = { name: nameArgOf('backend') };
  static override flags = {
    app: Flags.string({ ...targetFlags.app, atLeastOne: ['app', 'version', 'split'] }),
    version: Flags.string(targetFlags.version),
    split: splitFlag,
    force: forceFlag,
  };

  async run(): Promise<Backend> {
    const { args, flags } = await this.parse(BackendsUpdate);
    const backend = await this.client(flags).updateBackend(args.name, targetFrom(flags), termsOf(flags));
    this.log(`updated ${backend.name}: ${formatTarget(backend)}`);
    return backend;
  }
}
