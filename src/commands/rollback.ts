import { CatalogCommand, forceFlag } from '../cli/catalog-command.js';
import { switchedLine, type Switched } from '../cli/deploy.js';
import { nameArg } from '../cli/flags.js';

export default class Rollback extends CatalogCommand {
  static override summary = 'Point a backend at what it was before its last change.';
  static override description = `A second time undoes the first. Exit code 4 says that it was nothing else before, 5 that it \
was changed at several daemons at once, so that there is no one state before.`;
  static override examples = ['<%= config.bin %> <%= command.id %> web'];
  static override args = { name: nameArg };
  static override flags = { force: forceFlag };

  async run(): Promise<Switched> {
    const { args, flags } = await this.parse(Rollback);
    const client = this.client(flags);
    const before = await client.backend(args.name);
    const after = await client.rollbackBackend(args.name, flags.force ? { atLeast: 0 } : {});
    this.log(switchedLine({ before, after }));
    return { before, after };
  }
}
