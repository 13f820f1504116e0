/** The base of `drain` and `undrain`, which select registrations and decide about each. */

import { Args, Flags } from './oclif.js';
import type { Client } from '../client/index.js';
import { NotFoundError } from '../model/errors.js';
import { UsageError } from './usage-error.js';
import type { Address, Registration, RegistrationState } from '../model/registration.js';
import { formatId, parseId } from '../model/registration.js';
import { instanceFlag } from './address.js';
import { ClientCommand } from './client-command.js';
import { queryFlags } from './flags.js';

export abstract class StateCommand extends ClientCommand {
  static override strict = false;
  static override args = {
    id: Args.string({
      ignoreStdin: true,
      name: 'id',
      description: "APP/VERSION/HOST/PORT, as 'bender ls' shows it. Give several ids, or the flags.",
    }),
  };
  static override flags = {
    app: Flags.string({ ...queryFlags.app, description: 'All instances of this app that are online.' }),
    version: Flags.string({ ...queryFlags.version, dependsOn: ['app'] }),
    instance: instanceFlag,
    reason: Flags.string({ helpValue: 'TEXT', description: "Why. Shown by 'bender ls' and 'bender watch'." }),
  };

  /** Decides for all that the arguments name; answers them as they are now. */
  protected async decide(draining: boolean): Promise<Registration[]> {
    const { argv, flags } = await this.parse(StateCommand);
    const client = this.client(flags);
    const { reason, instance } = flags;
    if (instance !== undefined && argv.length !== 1) throw new UsageError('--instance is about one id');
    const state: RegistrationState = { draining, ...(reason !== undefined && { reason }) };
    const decided: Registration[] = [];
    for (const address of await this.#addresses(client, argv as string[], flags)) {
      decided.push(await client.setState(address, state, { instance }));
      this.log(`${draining ? 'draining' : 'undrained'} ${formatId(address)}`);
    }
    return decided;
  }

  async #addresses(
    client: Client,
    ids: string[],
    { app, version }: { app?: string | undefined; version?: string | undefined },
  ): Promise<Address[]> {
    if ((ids.length === 0) === (app === undefined)) throw new UsageError('give ids, or --app');
    if (app === undefined) return ids.map(parseId);
    const online = await client.registrations({ app, version });
    const what = version === undefined ? app : `${app}@${version}`;
    if (online.length === 0) throw new NotFoundError(`nothing of ${what} is online`);
    return online;
  }
}
