import { Flags } from '@oclif/core';
import { ClientCommand } from '../../cli/client-command.js';
import { nameArg, targetFlags } from '../../cli/flags.js';
import type { Backend } from '../../model/catalog.js';

export default class BackendsUpdate extends ClientCommand {
  static override summary = 'Point a backend at another version or app: a deployment.';
  static override examples = ['<%= config.bin %> <%= command.id %> web-live --version 1.3.0'];
  static override args = { name: nameArg };
  static override flags = {
    app: Flags.string({ ...targetFlags.app, atLeastOne: ['app', 'version'] }),
    version: Flags.string(targetFlags.version),
  };

  async run(): Promise<Backend> {
    const { args, flags } = await this.parse(BackendsUpdate);
    const { app, version } = flags;
    const change = { ...(app !== undefined && { app }), ...(version !== undefined && { version }) };
    const backend = await this.client(flags).updateBackend(args.name, change);
    this.log(`updated ${backend.name}: ${backend.app}@${backend.version}`);
    return backend;
  }
}
