import { Flags } from '../cli/oclif.js';
import { CatalogCommand, forceFlag } from '../cli/catalog-command.js';
import { nameArgOf } from '../cli/flags.js';
import type { Edit } from '../model/history.js';
import { type Restored, restoredLine, rollBack } from '../cli/roll-back.js';

export default class Rollback extends CatalogCommand {
  static override summary = 'Undo the last edit of a backend, frontend or drain rule, or restore an earlier state.';
  static override description = `Run it a second time to undo the rollback. What was removed is restored. With --to, the state after an earlier edit \
is restored; 'bender history NAME' lists the edits. If NAME is a backend and something else, the backend is rolled back; \
if it is a frontend and a drain rule, the frontend. 'bender frontends rollback' is about frontends alone. A drain rule \
that shares its name is rolled back by 'POST /drain-rules/NAME/rollback'.

Exit code 4 says that there is no edit to undo: what was only created has no earlier state. End a new drain rule with \
'bender undrain --rule'. 5 says that it was edited at several daemons at once, or again since, so \
that there is no single earlier state. 7 says that nothing is online for it.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> web',
    '<%= config.bin %> <%= command.id %> web --to 3f2a9c81d0e7',
    '<%= config.bin %> <%= command.id %> web@1.3.0',
  ];
  static override hiddenAliases = ['backends:rollback'];
  static override args = { name: nameArgOf('backend, frontend or drain rule') };
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
