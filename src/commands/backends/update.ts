import { Flags } from '../../cli/oclif.js';
import { CatalogCommand, forceFlag, termsOf } from '../../cli/catalog-command.js';
import { nameArgOf } from '../../cli/flags.js';
import { catalogText } from '../../model/routing.js';
import { reroutingFlagNames, reroutingFlags, reroutingFrom } from '../../cli/routing-flags.js';
import { splitFlag, targetFlags, targetFrom } from '../../cli/target-flags.js';
import { warmupFlag, warmupFrom } from '../../cli/warmup-flag.js';
import type { Backend } from '../../model/catalog.js';

export default class BackendsUpdate extends CatalogCommand {
  static override summary =
    'Point a backend at another version or app, or at several versions; say how a proxy routes to it.';
  static override description = `With --split, each version gets its share of the requests, however many instances it \
has. 'bender resolve' shows the weights.

Exit code 7 says that nothing is online for it (or for one of the versions). Nothing is changed then. 'bender deploy' waits until \
something is online. A change of routing or of the warm-up alone needs nothing online. Facts without a flag stay.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> web-live --version 1.3.0',
    '<%= config.bin %> <%= command.id %> web-live --split 1.2.0=90 --split 1.3.0=10',
    '<%= config.bin %> <%= command.id %> web-live --scheme https',
    '<%= config.bin %> <%= command.id %> web-live --warmup 30s',
  ];
  static override args = { name: nameArgOf('backend') };
  static override flags = {
    app: Flags.string({ ...targetFlags.app, atLeastOne: ['app', 'version', 'split', 'warmup', ...reroutingFlagNames] }),
    version: Flags.string(targetFlags.version),
    split: splitFlag,
    warmup: warmupFlag(),
    ...reroutingFlags,
    force: forceFlag,
  };

  async run(): Promise<Backend> {
    const { args, flags } = await this.parse(BackendsUpdate);
    const client = this.client(flags);
    const change = {
      ...targetFrom(flags),
      ...warmupFrom(flags),
      ...(await reroutingFrom(flags, () => client.backend(args.name))),
    };
    const backend = await client.updateBackend(args.name, change, termsOf(flags));
    this.log(`updated ${backend.name}: ${catalogText(backend)}`);
    return backend;
  }
}
