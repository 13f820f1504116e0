import { Flags } from '../cli/oclif.js';
import { CatalogCommand, forceFlag } from '../cli/catalog-command.js';
import { nameArgOf } from '../cli/flags.js';
import type { Client } from '../client/index.js';
import type { Edit } from '../model/history.js';
import { limits } from '../model/limits.js';
import { type Restored, restoredLine, rollBack } from '../cli/roll-back.js';

export default class Rollback extends CatalogCommand {
  static override summary = 'Undo the last edit of a backend, frontend or drain rule, or restore an earlier state.';
  static override description = `Run it a second time to undo the rollback. What was removed is restored. With --to, the state after an earlier edit \
is restored; 'bender history NAME' lists the edits.

If several things have this name, the backend is rolled back, else the frontend; with --to, the one that the edit is of. \
'bender frontends rollback' is about frontends alone, and --rule about drain rules.

Exit code 4 says that there is no edit to undo: what was only created has no earlier state. End a new drain rule with \
'bender undrain --rule'. 5 says that it was edited at several daemons at once, or again since, so \
that there is no single earlier state. 7 says that nothing is online for it.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> web',
    '<%= config.bin %> <%= command.id %> web --to 3f2a9c81d0e7',
    '<%= config.bin %> <%= command.id %> web@1.3.0 --rule',
  ];
  static override hiddenAliases = ['backends:rollback'];
  static override args = { name: nameArgOf('backend, frontend or drain rule') };
  static override flags = {
    to: Flags.string({ helpValue: 'EDIT', description: 'The edit whose result to restore.' }),
    rule: Flags.boolean({ description: 'Roll back the drain rule of this name.' }),
    force: forceFlag,
  };

  async run(): Promise<Restored> {
    const { args, flags } = await this.parse(Rollback);
    const client = this.client(flags);
    const last = await lastEdit(client, args.name, flags);
    const kind = last?.kind ?? (flags.rule ? 'drain-rule' : 'backend');
    const restored = await rollBack(client, kind, args.name, last, flags);
    this.log(restoredLine(restored));
    return restored;
  }
}

/**
 * The last edit of what is meant by a name. A backend goes before a frontend, and both before a drain rule; what has
 * the edit `to` goes before all.
 */
async function lastEdit(
  client: Client,
  name: string,
  { to, rule }: { to?: string | undefined; rule: boolean },
): Promise<Edit | undefined> {
  const limit = to === undefined ? 1 : limits.history;
  let last: Edit | undefined;
  for (const which of rule ? [{ drainRule: name }] : [{ backend: name }, { frontend: name }, { drainRule: name }]) {
    const edits = await client.history({ ...which, limit });
    const [found] = edits;
    // A daemon that is older than drain rules tells of any edit.
    if (found?.name !== name) continue;
    if (to === undefined || edits.some(({ id }) => id.startsWith(to))) return found;
    last ??= found;
  }
  return last;
}
