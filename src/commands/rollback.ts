import { Flags } from '../cli/oclif.js';
import { CatalogCommand, forceFlag } from '../cli/catalog-command.js';
import { nameArgOf } from '../cli/flags.js';
import type { Edit } from '../model/history.js';
import { type Restored, restoredLine, rollBack } from '../cli/roll-back.js';

export default class Rollback extends CatalogCommand {
  static override summary = 'Undo the last edit of a backend, or restore an earlier state.';
  static override description = `Run it a second time to undo the rollback. A removed backend is restored. With --to, the state after an earlier edit \
is restored; 'bender history NAME' lists the edits. If NAME is only the name of a frontend, or of a drain rule, that is \
rolled back; see also 'bender frontends rollback'.

Exit code 4 says that there is no edit to undo. 5 says that it was edited at several daemons at once, or again since, so \
that there is no one state before. 7 says that nothing is online for it.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> web',
    '<%= config.bin %> <%= command.id %> web --to 3f2a9c81d0e7',
  ];
  static override hiddenAliases = ['backends:rollback'];
  static override args = { name: nameArgOf('backend') };
  static override flags = {
    to: Flags.string({ helpValue: 'EDIT', description: 'The edit whose result to restore.' }),
    force: forceFlag,
  };

  async run(): Promise<Restored> {
    const { args, flags } = await this.parse(Rollback);
    const client = this.client(flags);
    const { name } = args;
    // A backend goes before a frontend of its name, and both before a drain rule.
    let last: Edit | undefined;
    for (const which of [{ backend: name }, { frontend: name }, { drainRule: name }]) {
      const [found] = await client.history({ ...which, limit: 1 });
      // A daemon that is older than drain rules tells of any edit.
      if (found?.name === name) last ??= found;
    }
    const restored = await rollBack(client, last?.kind ?? 'backend', name, last, flags);
    this.log(restoredLine(restored));
    return restored;
  }
}
