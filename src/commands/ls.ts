import { Args, Flags } from '../cli/oclif.js';
import { queryFlags } from '../cli/flags.js';
import { ListingCommand } from '../cli/listing-command.js';
import { listText, none } from '../cli/list-text.js';
import {
  backendListing,
  daemonListing,
  drainRuleListing,
  frontendListing,
  registrationListing,
} from '../cli/listings.js';
import type { Listing } from '../cli/listings.js';
import { stopSignal } from '../cli/signals.js';
import { metaFilter, metaFilterFlag } from '../cli/registration-flags.js';
import { UsageError } from '../cli/usage-error.js';
import type { Client, EventFilter } from '../client/index.js';
import { type Backend, versionsOf } from '../model/catalog.js';
import { daemonApp } from '../model/daemon.js';
import type { Registration } from '../model/registration.js';

const kinds = ['registrations', 'backends', 'frontends', 'rules', 'daemons'] as const;
type Kind = (typeof kinds)[number];

export default class Ls extends ListingCommand {
  static override summary = 'List registrations, backends, frontends, drain rules or daemons.';
  static override description = `Registrations are shown with their ids, which 'drain', 'renew' and 'deregister' take. A table is made \
to fit the terminal; in a pipe, or with -o wide, nothing is left out or cut.

The daemons are registered as well, as the app ${daemonApp}. They are listed with --all, with --app ${daemonApp}, and always in JSON; \
'bender daemons' shows more about them.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    "<%= config.bin %> <%= command.id %> --app web --version '^1.2.0'",
    '<%= config.bin %> <%= command.id %> --app web -o name | xargs <%= config.bin %> drain',
    '<%= config.bin %> <%= command.id %> --unhealthy',
    '<%= config.bin %> <%= command.id %> backends --json',
  ];
  static override args = {
    kind: Args.string({
      default: 'registrations',
      ignoreStdin: true,
      description: `What to list: ${kinds.join(', ')}.`,
    }),
  };
  static override flags = {
    app: Flags.string(queryFlags.app),
    version: Flags.string({ ...queryFlags.version, dependsOn: ['app'] }),
    meta: metaFilterFlag,
    unhealthy: Flags.boolean({
      description: 'List the instances that are offline because their health check fails, instead of those online.',
    }),
    all: Flags.boolean({ description: `Also list the daemons, as the app ${daemonApp}.` }),
    watch: Flags.boolean({
      char: 'w',
      description:
        'Show the list again whenever it changes, until this is stopped. In JSON, one list a line; in YAML, one document each.',
    }),
  };

  #isWatching = false;

  protected override get isStream(): boolean {
    return this.#isWatching;
  }

  async run(): Promise<object[] | undefined> {
    const { args, flags } = await this.parse(Ls);
    this.#isWatching = flags.watch;
    const { app, version } = flags;
    const kind = kindOf(args.kind);
    const client = this.client(flags);
    if (app !== undefined && /frontends|daemons/.test(kind))
      throw new UsageError(`--app is about registrations, backends and rules, not ${kind}`);
    if (version !== undefined && kind === 'rules') throw new UsageError('--version is not about rules');
    if (flags.meta && kind !== 'registrations') throw new UsageError(`--meta is about registrations, not ${kind}`);
    if (flags.all && kind !== 'registrations') throw new UsageError(`--all is about registrations, not ${kind}`);
    if (flags.unhealthy && kind !== 'registrations')
      throw new UsageError(`--unhealthy is about registrations, not ${kind}`);
    const meta = metaFilter(flags.meta);
    switch (kind) {
      case 'registrations': {
        const isShown = (one: Registration): boolean => flags.all || app !== undefined || one.app !== daemonApp;
        const state = flags.unhealthy ? 'unhealthy' : undefined;
        const ask = () => client.registrations(app === undefined ? { meta, state } : { app, version, meta, state });
        const wanted = { listing: registrationListing, ask, isShown, filter: { app, version, meta } };
        // No event says that an unhealthy instance has ended.
        return this.#list({ ...wanted, isSilent: flags.unhealthy }, flags.watch && client);
      }
      case 'backends':
        return this.#list(
          { listing: backendListing, ask: () => backendsOf(client, app, version) },
          flags.watch && client,
        );
      case 'frontends':
        return this.#list({ listing: frontendListing, ask: () => client.frontends() }, flags.watch && client);
      case 'rules': {
        const ask = async () => (await client.drainRules.list()).filter((rule) => [undefined, rule.app].includes(app));
        return this.#list({ listing: drainRuleListing, ask }, flags.watch && client);
      }
      case 'daemons':
        return this.#list({ listing: daemonListing, ask: () => client.daemons() }, flags.watch && client);
    }
  }

  /**
   * Returns all of them, for JSON, and shows those that people want to see.
   * @param client  shows them again whenever they change
   */
  async #list<T extends object>(wanted: Wanted<T>, client: Client | false): Promise<T[] | undefined> {
    const { listing, ask, isShown = () => true, filter = {}, isSilent = false } = wanted;
    if (!client) {
      const things = await ask();
      this.show(listing, things.filter(isShown));
      return things;
    }
    const { showLive } = await import('../cli/live-list.js');
    const text = async (): Promise<string> => {
      const things = await ask();
      if (this.jsonEnabled()) return this.dataText(things);
      const shown = things.filter(isShown);
      return shown.length === 0 ? none(listing) : listText(listing, shown, this.format);
    };
    const stop = new AbortController();
    stopSignal()
      .then(() => stop.abort())
      .catch(() => undefined);
    await showLive({ client, ask: text, title: listing.plural, filter, isSilent, signal: stop.signal });
    return this.exit(0);
  }
}

/** A list, how to ask for it, and which of it people want to see; all, if that is not given. */
interface Wanted<T> {
  listing: Listing<T>;
  ask: () => Promise<T[]>;
  isShown?: (thing: T) => boolean;
  /** The events by which it may change; default: all. */
  filter?: EventFilter;
  /** Whether it may also change without an event. */
  isSilent?: boolean;
}

/** In the singular as well. */
function kindOf(text: string): Kind {
  const kind = kinds.find((one) => one === text || one === `${text}s`);
  if (kind === undefined)
    throw new UsageError(`there are no '${text}' to list, but ${kinds.join(', ')}; for one app: --app ${text}`);
  return kind;
}

/** Those of an app, and of a version that is what was asked for, or in its range. */
async function backendsOf(client: Client, app?: string, version?: string): Promise<Backend[]> {
  const backends = (await client.backends()).filter((backend) => [undefined, backend.app].includes(app));
  if (version === undefined) return backends;
  const { versionMatcher } = await import('../model/version.js');
  const matches = versionMatcher(version);
  return backends.filter((backend) => versionsOf(backend).some(matches));
}
