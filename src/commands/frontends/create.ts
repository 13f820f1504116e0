import { Flags } from '../../cli/oclif.js';
import { CatalogCommand, forceFlag, termsOf } from '../../cli/catalog-command.js';
import { nameArgOf, servedFlag } from '../../cli/flags.js';
import { catalogText } from '../../model/routing.js';
import { routingFlags, routingFrom } from '../../cli/routing-flags.js';
import type { Frontend } from '../../model/catalog.js';

export default class FrontendsCreate extends CatalogCommand {
  static override summary = 'Create a frontend: a name for callers to use.';
  static override description = 'Exit code 5 says that the name is in use, 7 that the backend does not exist.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> www --backend web-live',
    '<%= config.bin %> <%= command.id %> www --backend web-live --host www.example.com --path-prefix /shop',
  ];
  static override args = { name: nameArgOf('frontend') };
  static override flags = { backend: Flags.string(servedFlag), ...routingFlags, force: forceFlag };

  async run(): Promise<Frontend> {
    const { args, flags } = await this.parse(FrontendsCreate);
    const { backend } = flags;
    const frontend = await this.client(flags).createFrontend(
      { name: args.name, ...(backend !== undefined && { backend }), ...routingFrom(flags) },
      termsOf(flags),
    );
    this.log(`created ${frontend.name}: ${catalogText(frontend)}`);
    return frontend;
  }
}
