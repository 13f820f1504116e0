/** The base of `renew` and `deregister`, which take registrations by their ids, or one by its parts. */

import type { Client } from '../client/index.js';
import type { Address } from '../model/registration.js';
import { formatId, parseId } from '../model/registration.js';
import { addressFlags, existingAddress, idArg, instanceFlag, towards } from './address.js';
import { ClientCommand } from './client-command.js';
import { each } from './each.js';
import { UsageError } from './usage-error.js';

export abstract class RegistrationCommand extends ClientCommand {
  static override args = { id: idArg };
  static override flags = { ...addressFlags, instance: instanceFlag };

  protected async parseRegistrations(): Promise<Named> {
    // A command may have more flags. What it inherits has to be named for the parser.
    const { flags: all, baseFlags } = this.constructor as typeof RegistrationCommand;
    const { argv, flags } = await this.parse({
      args: RegistrationCommand.args,
      flags: all,
      baseFlags,
      strict: false,
      enableJsonFlag: true,
    });
    const client = this.client(flags);
    const [id, ...others] = argv as string[];
    const { instance } = flags;
    if (instance !== undefined && others.length > 0) throw new UsageError('--instance is about one id');
    const addresses = [await existingAddress(id, flags, towards(client)), ...others.map(parseId)];
    return { client, addresses, instance, yes: (flags as { yes?: boolean }).yes };
  }

  /**
   * Acts on each registration, and prints that it is done.
   *
   * @param done  what it is then, such as `renewed`
   */
  protected async forEach<Done extends string>(
    { addresses, instance }: Pick<Named, 'addresses' | 'instance'>,
    done: Done,
    act: (address: Address, options: { instance: string | undefined }) => Promise<unknown>,
  ): Promise<OneOrAll<Done>> {
    const outcomes: Outcome<Done>[] = [];
    this.done = outcomes;
    await each(addresses, async (address) => {
      await act(address, { instance });
      const id = formatId(address);
      outcomes.push({ id, [done]: true } as Outcome<Done>);
      this.log(`${done} ${id}`);
    });
    return addresses.length === 1 ? outcomes[0]! : outcomes;
  }
}

interface Named {
  client: Client;
  /** At least one. */
  addresses: Address[];
  /** The instance of the service; undefined for any. */
  instance: string | undefined;
  /** Whether not to ask, of a command that asks. */
  yes: boolean | undefined;
}

/** The result of such a command for `--json`: an object for one id, a list for several. */
export type OneOrAll<Done extends string> = Outcome<Done> | Outcome<Done>[];

type Outcome<Done extends string> = { id: string } & Record<Done, true>;
