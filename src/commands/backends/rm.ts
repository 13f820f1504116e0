import { CatalogCommand, forceFlag, termsOf } from '../../cli/catalog-command.js';
import { nameArgOf, yesFlag } from '../../cli/flags.js';

export default class BackendsRm extends CatalogCommand {
  static override summary = 'Remove a backend. The instances stay online.';
  static override description =
    "Exit code 7 says that frontends serve it, and names them. 'bender rollback NAME' brings it back.";
  static override examples = ['<%= config.bin %> <%= command.id %> web-live'];
  static override hiddenAliases = ['backends:delete'];
  static override args = { name: nameArgOf('backend') };
  static override flags = { yes: yesFlag, force: forceFlag };

  async run(): Promise<{ name: string; removed: true }> {
    const { args, flags } = await this.parse(BackendsRm);
    await this.askFirst(`Remove the backend '${args.name}'?`, flags);
    await this.client(flags).deleteBackend(args.name, termsOf(flags));
    this.log(`removed ${args.name}`);
    return { name: args.name, removed: true };
  }
}
