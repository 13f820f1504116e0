import { Flags } from '../../cli/oclif.js';
import { CatalogCommand, forceFlag } from '../../cli/catalog-command.js';
import { nameArgOf } from '../../cli/flags.js';
import { type Restored, restoredLine, rollBack } from '../../cli/roll-back.js';

export default class FrontendsRollback extends CatalogCommand {
  static override summary = 'Undo the last edit of a frontend.';
  static override description =
    "A removed frontend is restored. With --to, the state after an earlier edit is restored; 'bender history NAME' lists the edits.";
  static override examples = ['<%= config.bin %> <%= command.id %> www'];
  static override args = { name: nameArgOf('frontend') };
  static override flags = {
    to: Flags.string({ helpValue: 'EDIT', description: 'The edit whose result to restore.' }),
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
