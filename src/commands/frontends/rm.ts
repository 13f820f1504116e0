import { CatalogCommand } from '../../cli/catalog-command.js';
import { nameArgOf, yesFlag } from '../../cli/flags.js';

export default class FrontendsRm extends CatalogCommand {
  static override summary = 'Remove a frontend. Its backend stays.';
  static override description = "'bender rollback NAME' brings it back.";
  static override examples = ['<%= config.bin %> <%= command.id %> www'];
  static override hiddenAliases = ['frontends:delete'];
  static override args = { name: nameArgOf('frontend') };
  static override flags = { yes: yesFlag };

  async run(): Promise<{ name: string; removed: true }> {
    const { args, flags } = await this.parse(FrontendsRm);
    await this.askFirst(`Remove the frontend '${args.name}'? Its callers find nothing then.`, flags);
    await this.client(flags).deleteFrontend(args.name);
    this.log(`removed ${args.name}`);
    return { name: args.name, removed: true };
  }
}
