import { CatalogCommand } from '../../cli/catalog-command.js';
import { nameArg } from '../../cli/flags.js';

export default class BackendsRm extends CatalogCommand {
  static override summary = 'Remove a backend. The instances stay online.';
  static override examples = ['<%= config.bin %> <%= command.id %> web-live'];
  static override hiddenAliases = ['backends:delete'];
  static override args = { name: nameArg };

  async run(): Promise<{ name: string; removed: true }> {
    const { args, flags } = await this.parse(BackendsRm);
    await this.client(flags).deleteBackend(args.name);
    this.log(`removed ${args.name}`);
    return { name: args.name, removed: true };
  }
}
