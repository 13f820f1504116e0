import { Flags } from '@oclif/core';
import { ClientCommand } from '../../cli/client-command.js';
import { nameArg, targetFlags } from '../../cli/flags.js';
import type { Backend } from '../../model/catalog.js';

export default class BackendsCreate extends ClientCommand {
  static override summary = 'Create a backend: the instances of one app version, under a name.';
  static override description = 'Exit code 5 says that the name is in use.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> web-live --app web --version 1.2.0',
    "<%= config.bin %> <%= command.id %> api --app api --version '^2.1.0'",
  ];
  static override args = { name: nameArg };
  static override flags = {
    app: Flags.string({ ...targetFlags.app, required: true }),
    version: Flags.string({ ...targetFlags.version, required: true }),
  };

  async run(): Promise<Backend> {
    const { args, flags } = await this.parse(BackendsCreate);
    const { app, version } = flags;
    const backend = await this.client(flags).createBackend({ name: args.name, app, version });
    this.log(`created ${backend.name}: ${backend.app}@${backend.version}`);
    return backend;
  }
}
