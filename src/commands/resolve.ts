import { Args, Flags } from '../cli/oclif.js';
import { ListingCommand } from '../cli/listing-command.js';
import { weightedListing } from '../cli/listings.js';
import { nearFlags } from '../cli/near-flags.js';
import { notice } from '../cli/notice.js';
import { NotFoundError } from '../model/errors.js';
import { hostPort } from '../model/registration.js';
import type { Weighted } from '../model/weights.js';
import { pick } from '../model/weights.js';

export default class Resolve extends ListingCommand {
  static override summary = 'Print the addresses that callers of a frontend go to, as HOST:PORT lines.';
  static override description =
    'Exit code 4 says that the frontend does not exist, or with --one that it has no instance. Without --one, a frontend without instances prints nothing.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> www',
    'curl "http://$(<%= config.bin %> <%= command.id %> www --one)/"',
    '<%= config.bin %> <%= command.id %> www --near zone:eu-1',
    '<%= config.bin %> <%= command.id %> www -o wide',
  ];
  static override args = {
    frontend: Args.string({ required: true, ignoreStdin: true, description: 'Name of the frontend.' }),
  };

  static override flags = {
    one: Flags.boolean({ description: 'Print only one of them, chosen at random by weight.' }),
    ...nearFlags,
  };

  async run(): Promise<Weighted[]> {
    const { args, flags } = await this.parse(Resolve);
    const all = await this.client(flags).resolve(args.frontend, {
      near: flags.near,
      nearAtLeast: flags['near-at-least'],
    });
    const registrations = flags.one ? [pick(all, Math.random()) ?? []].flat() : all;
    if (flags.one && registrations.length === 0)
      throw new NotFoundError(`nothing is online for frontend '${args.frontend}'`);
    if (flags.output) this.show(weightedListing, registrations);
    else for (const registration of registrations) this.log(hostPort(registration));
    if (registrations.length === 0 && !flags.output && !this.jsonEnabled()) notice('No registrations.');
    return registrations;
  }
}
