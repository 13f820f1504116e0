import { Flags } from '../../cli/oclif.js';
import { CatalogCommand, forceFlag } from '../../cli/catalog-command.js';
import { nameArg } from '../../cli/flags.js';
import { type Restored, restoredLine, rollBack } from '../../cli/roll-back.js';

export default class FrontendsRollback extends CatalogCommand {
  static override summary = 'Make a frontend what it was before its last change.';
  static override description =
    'A frontend that was removed is there again. With --to it becomes what it was after an earlier change; `bender history NAME` shows them.';
  static override examples = ['<%= config.bin %> <%= command.id %> www'];
  static override args = { name: nameArg };
  static override flags = {
    to: Flags.string({ helpValue: 'EDIT', description: 'Go back to what it was after this change.' }),
    force: forceFlag,
  };

  async run(): Promise<Restored> {
    const { args, flags } = await this.parse(FrontendsRollback);
    const client = this.client(flags);
    const [last] = await client.history({ frontend: args.name, limit: 1 });
    const restored = await rollBack(client, 'frontend', args.name, last, flags);
    this.log(restoredLine(restored));
    return restored;
  }
}
