import { Flags } from '../../cli/oclif.js';
import { CatalogCommand, forceFlag, termsOf } from '../../cli/catalog-command.js';
import { nameArgOf, servedFlag } from '../../cli/flags.js';
import { servedText } from '../../cli/listings.js';
import type { Frontend } from '../../model/catalog.js';

export default class FrontendsCreate extends CatalogCommand {
  static override summary = 'Create a frontend: a name for callers to use.';
  static override description = 'Exit code 5 says that the name is in use, 7 that the backend does not exist.';
  static override examples = ['<%= config.bin %> <%= command.id %> www --backend web-live'];
  static override args = { name: nameArgOf('frontend') };
  static override flags = { backend: Flags.string(servedFlag), force: forceFlag };

  async run(): Promise<Frontend> {
    const { args, flags } = await this.parse(FrontendsCreate);
    const { backend } = flags;
    const frontend = await this.client(flags).createFrontend(
      { name: args.name, ...(backend !== undefined && { backend }) },
      termsOf(flags),
    );
    this.log(`created ${frontend.name}: ${servedText(frontend)}`);
    return frontend;
  }
}
