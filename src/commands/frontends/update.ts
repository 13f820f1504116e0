import { Flags } from '../../cli/oclif.js';
import { CatalogCommand, forceFlag, termsOf } from '../../cli/catalog-command.js';
import { nameArgOf, servedFlag } from '../../cli/flags.js';
import { catalogText } from '../../model/routing.js';
import { reroutingFlagNames, reroutingFlags, reroutingFrom } from '../../cli/routing-flags.js';
import type { Frontend } from '../../model/catalog.js';

export default class FrontendsUpdate extends CatalogCommand {
  static override summary = 'Point a frontend at another backend; say how a proxy routes to it.';
  static override description =
    'Exit code 7 says that the backend does not exist, or that nothing is online for it. Nothing is changed then. A change of routing alone needs nothing online. Facts without a flag stay.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> www --backend web-next',
    '<%= config.bin %> <%= command.id %> www --host www.example.com --middleware auth@file',
  ];
  static override args = { name: nameArgOf('frontend') };
  static override flags = {
    backend: Flags.string({ ...servedFlag, atLeastOne: ['backend', ...reroutingFlagNames] }),
    ...reroutingFlags,
    force: forceFlag,
  };

  async run(): Promise<Frontend> {
    const { args, flags } = await this.parse(FrontendsUpdate);
    const client = this.client(flags);
    const { backend } = flags;
    const change = {
      ...(backend !== undefined && { backend }),
      ...(await reroutingFrom(flags, () => client.frontend(args.name))),
    };
    const frontend = await client.updateFrontend(args.name, change, termsOf(flags));
    this.log(`updated ${frontend.name}: ${catalogText(frontend)}`);
    return frontend;
  }
}
