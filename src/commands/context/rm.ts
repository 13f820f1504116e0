import { BaseCommand } from '../../cli/base-command.js';
import { contextArg } from '../../cli/context/context-arg.js';
import { contextNamed, readContexts, writeContexts } from '../../cli/context/contexts.js';

export default class ContextRm extends BaseCommand {
  static override summary = 'Remove a context. The files that it names stay.';
  static override examples = ['<%= config.bin %> context rm staging'];
  static override args = { name: contextArg };

  async run(): Promise<{ removed: string }> {
    const { args } = await this.parse(ContextRm);
    const { name } = args;
    const contexts = readContexts();
    contextNamed(contexts, name);
    contexts.all.delete(name);
    if (contexts.current === name) contexts.current = undefined;
    await writeContexts(contexts);
    this.log(`context ${name} is removed`);
    return { removed: name };
  }
}
