import { Flags } from '../cli/oclif.js';
import { CatalogCommand, forceFlag } from '../cli/catalog-command.js';
import { nameArg } from '../cli/flags.js';
import { type Restored, restoredLine, rollBack } from '../cli/roll-back.js';

export default class Rollback extends CatalogCommand {
  static override summary = 'Make a backend what it was before its last change.';
  static override description = `Run it a second time to undo the rollback. A backend that was removed is there again. With --to it becomes what \
it was after an earlier change; \`bender history NAME\` shows them. A NAME that is only known as a frontend's is \
rolled back as one; see also \`bender frontends rollback\`.

Exit code 4 says that it was nothing else before, 5 that it was changed at several daemons at once, or again since, so \
that there is no one state before, 7 that nothing is online for it.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> web',
    '<%= config.bin %> <%= command.id %> web --to 3f2a9c81d0e7',
  ];
  static override hiddenAliases = ['backends:rollback'];
  static override args = { name: nameArg };
  static override flags = {
    to: Flags.string({ helpValue: 'EDIT', description: 'Go back to what it was after this change.' }),
    force: forceFlag,
  };

  async run(): Promise<Restored> {
    const { args, flags } = await this.parse(Rollback);
    const client = this.client(flags);
    const ofBackend = await client.history({ backend: args.name, limit: 1 });
    const ofFrontend = ofBackend.length > 0 ? [] : await client.history({ frontend: args.name, limit: 1 });
    const kind = ofFrontend.length > 0 ? 'frontend' : 'backend';
    const restored = await rollBack(client, kind, args.name, [...ofBackend, ...ofFrontend][0], flags);
    this.log(restoredLine(restored));
    return restored;
  }
}
