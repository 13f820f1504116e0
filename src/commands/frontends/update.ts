import { Flags } from '../../cli/oclif.js';
import { CatalogCommand, forceFlag, termsOf } from '../../cli/catalog-command.js';
import { nameArgOf, servedFlag } from '../../cli/flags.js';
import type { Frontend } from '../../model/catalog.js';

export default class FrontendsUpdate extends CatalogCommand {
  static override summary = 'Point a frontend at another backend.';
  static override description =
    'Exit code 7 says that the backend does not exist, or that nothing is online for it. Nothing is changed then.';
  static override examples = ['<%= config.bin %> <%= command.id %> www --backend web-next'];
  static override args = { name: nameArgOf('frontend') };
  static override flags = { backend: Flags.string({ ...servedFlag, required: true }), force: forceFlag };

  async run(): Promise<Frontend> {
    const { args, flags } = await this.parse(FrontendsUpdate);
    const frontend = await this.client(flags).updateFrontend(args.name, { backend: flags.backend }, termsOf(flags));
    this.log(`updated ${frontend.name}: ${frontend.backend}`);
    return frontend;
  }
}
