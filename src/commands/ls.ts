import { Args, Flags } from '../cli/oclif.js';
import { ClientCommand } from '../cli/client-command.js';
import { queryFlags } from '../cli/flags.js';
import type { Listing } from '../cli/listings.js';
import { backendListing, daemonListing, frontendListing, registrationListing } from '../cli/listings.js';
import { metaFilter, metaFilterFlag } from '../cli/registration-flags.js';
import type { Client } from '../client/index.js';
import { type Backend, versionsOf } from '../model/catalog.js';
import { InvalidError } from '../model/errors.js';

export default class Ls extends ClientCommand {
  static override summary = 'List what is online, the backends, the frontends or the daemons.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    "<%= config.bin %> <%= command.id %> --app web --version '^1.2.0'",
    '<%= config.bin %> <%= command.id %> backends --json',
    '<%= config.bin %> <%= command.id %> daemons',
  ];
  static override args = {
    kind: Args.option({
      options: ['registrations', 'backends', 'frontends', 'daemons'] as const,
    })({ default: 'registrations', ignoreStdin: true, description: 'What to list.' }),
  };
  static override flags = {
    app: Flags.string(queryFlags.app),
    version: Flags.string({ ...queryFlags.version, dependsOn: ['app'] }),
    meta: metaFilterFlag,
  };

  async run(): Promise<object[]> {
    const { args, flags } = await this.parse(Ls);
    const { app, version } = flags;
    const client = this.client(flags);
    if (app !== undefined && /frontends|daemons/.test(args.kind))
      throw new InvalidError(`--app is about registrations and backends, not ${args.kind}`);
    if (flags.meta && args.kind !== 'registrations')
      throw new InvalidError(`--meta is about registrations, not ${args.kind}`);
    const meta = metaFilter(flags.meta);
    switch (args.kind) {
      case 'registrations':
        return this.#list(
          registrationListing,
          await client.registrations(app === undefined ? { meta } : { app, version, meta }),
        );
      case 'backends':
        return this.#list(backendListing, await backendsOf(client, app, version));
      case 'frontends':
        return this.#list(frontendListing, await client.frontends());
      case 'daemons':
        return this.#list(daemonListing, await client.daemons());
    }
  }

  #list<T extends object>(listing: Listing<T>, things: T[]): T[] {
    this.show(listing, things);
    return things;
  }
}

/** Those of an app, and of a version that is what was asked for, or in its range. */
async function backendsOf(client: Client, app?: string, version?: string): Promise<Backend[]> {
  const backends = (await client.backends()).filter((backend) => [undefined, backend.app].includes(app));
  if (version === undefined) return backends;
  const { versionMatcher } = await import('../model/version.js');
  const matches = versionMatcher(version);
  return backends.filter((backend) => versionsOf(backend).some(matches));
}
