/** The base of `renew` and `deregister`, which take one registration by its id or by its parts. */

import type { Client } from '../client/index.js';
import type { Address, RegistrationId } from '../model/registration.js';
import { formatId } from '../model/registration.js';
import { addressFlags, existingAddress, idArg, instanceFlag, towards } from './address.js';
import { ClientCommand } from './client-command.js';

export abstract class RegistrationCommand extends ClientCommand {
  static override args = { id: idArg };
  static override flags = { ...addressFlags, instance: instanceFlag };

  protected async parseRegistration(): Promise<Named> {
    // A command may have more flags. What it inherits has to be named for the parser.
    const { flags: all, baseFlags } = this.constructor as typeof RegistrationCommand;
    const { args, flags } = await this.parse({
      args: RegistrationCommand.args,
      flags: all,
      baseFlags,
      enableJsonFlag: true,
    });
    const client = this.client(flags);
    const address = await existingAddress(args.id, flags, towards(client));
    return { client, address, id: formatId(address), instance: flags.instance, yes: (flags as { yes?: boolean }).yes };
  }
}

interface Named {
  client: Client;
  address: Address;
  id: RegistrationId;
  /** The instance of the service; undefined for any. */
  instance: string | undefined;
  /** Whether not to ask, of a command that asks. */
  yes: boolean | undefined;
}
