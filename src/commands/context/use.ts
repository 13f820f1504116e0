import { BaseCommand } from '../../cli/base-command.js';
import { contextArg } from '../../cli/context/context-arg.js';
import { contextNamed, readContexts, writeContexts } from '../../cli/context/contexts.js';
import { Flags } from '../../cli/oclif.js';
import { UsageError } from '../../cli/usage-error.js';

export default class ContextUse extends BaseCommand {
  static override summary = 'Choose the context that commands use from now on.';
  static override examples = ['<%= config.bin %> context use staging', '<%= config.bin %> context use --none'];
  static override args = { name: { ...contextArg, required: false } };
  static override flags = { none: Flags.boolean({ description: 'Use none: the daemon of this machine.' }) };

  async run(): Promise<{ current: string | null }> {
    const { args, flags } = await this.parse(ContextUse);
    const { name } = args;
    if ((name === undefined) !== Boolean(flags.none))
      throw new UsageError('give either the name of a context, or --none');
    const contexts = readContexts();
    if (name !== undefined) contextNamed(contexts, name);
    await writeContexts({ ...contexts, current: name });
    this.log(name === undefined ? 'no context is in use' : `context ${name} is in use`);
    return { current: name ?? null };
  }
}
