/** The base of commands that ask a daemon: `--server` and credentials. */

import { Flags } from './oclif.js';
import { Client, type ClientOptions, defaultServer } from '../client/index.js';
import { SaidCaveats } from './caveats.js';
import { BaseCommand } from './base-command.js';
import { UnreachableError } from '../model/errors.js';
import { type TlsFlags, tlsFlags, tlsFrom } from './tls.js';
import { asTraceparent } from '../model/traceparent.js';
import { type Context, usedContext } from './context/contexts.js';
import { tokenFrom } from './token.js';

/** The flags that say which daemon is asked, and how. */
export interface AskedFlags extends TlsFlags {
  server?: string[] | undefined;
  token?: string | undefined;
  context?: string | undefined;
  /** Whether to reject answers of a daemon that has just started or is cut off. */
  trusted?: boolean;
}

export abstract class ClientCommand extends BaseCommand {
  static override baseFlags = {
    server: Flags.string({
      char: 's',
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
      helpGroup: 'GLOBAL',
      helpValue: 'URL',
      description: `The daemon to ask. May be repeated: they are tried in turn. [default: $BENDER_SERVER, else ${defaultServer}]`,
    }),
    context: Flags.string({
      helpGroup: 'GLOBAL',
      helpValue: 'NAME',
      exclusive: ['server'],
      description:
        "The cluster to ask, from 'bender context'. [default: $BENDER_CONTEXT, else the context in use, without --server and $BENDER_SERVER]",
    }),
    token: Flags.string({
      helpGroup: 'GLOBAL',
      helpValue: 'TOKEN',
      description:
        'The token to show to it. A variable or a file is better, since shells remember flags. [default: $BENDER_TOKEN, else what is in $BENDER_TOKEN_FILE]',
    }),
    ...tlsFlags,
  };

  #servers: readonly string[] | undefined;
  /** Of the context that is used. */
  #contextName: string | undefined;
  /** The caveats of the daemons that were asked. */
  protected readonly caveats = new SaidCaveats();
  /** What a command that does several things has done so far. With `--json`, it is printed beside an error. */
  protected done: readonly object[] = [];

  /** The servers that the flags, the environment or the context name. */
  protected servers(flags: AskedFlags): string[] {
    const servers = flags.context === undefined ? serversFrom(flags.server) : [];
    this.#servers = servers.length > 0 ? servers : (this.#contextOf(flags)?.servers ?? []);
    return [...this.#servers];
  }

  #contextOf({ server, context: named }: AskedFlags): Context | undefined {
    if (named === undefined && serversFrom(server).length > 0) return undefined;
    const used = usedContext(named);
    this.#contextName = used?.name;
    return used?.context;
  }

  protected client(flags: AskedFlags): Client {
    return new Client(this.clientOptions(flags));
  }

  /** The options of every client of a command. */
  protected clientOptions(flags: AskedFlags): ClientOptions {
    const context = this.#contextOf(flags);
    // What the environment shows is for the servers that it names: another cluster must not see it.
    const environment = flags.context === undefined ? process.env : {};
    return {
      servers: this.servers(flags),
      token: tokenFrom(flags.token, context?.tokenFile, environment),
      tls: tlsFrom(flags, context, environment),
      onCaveats: this.caveats.tell,
      trusted: flags.trusted ?? false,
      traceparent: asTraceparent(process.env.TRACEPARENT),
    };
  }

  protected override toSuccessJson(result: unknown): unknown {
    return this.caveats.addTo(result);
  }

  protected override besideError(): object {
    return this.caveats.addTo(this.done.length > 0 ? { done: this.done } : {}) as object;
  }

  /** A user who has given no daemon may not know that one is needed, or how to give it. */
  protected override async tellFailure(error: unknown): Promise<void> {
    const isHelpless = error instanceof UnreachableError && this.#servers?.length === 0;
    const hint = isHelpless ? whichDaemon : this.#contextName && `this is the context '${this.#contextName}'`;
    await super.tellFailure(
      error instanceof UnreachableError && hint
        ? new UnreachableError(`${error.message}; ${hint}`, { cause: error })
        : error,
    );
  }
}

const whichDaemon = "start one with 'bender serve', or name one with --server URL or BENDER_SERVER";

/** The servers of the flag, else of the comma-separated list in `BENDER_SERVER`; none if that is unset or empty. */
export const serversFrom = (given: string[] | undefined): string[] =>
  given ??
  (process.env.BENDER_SERVER ?? '')
    .split(',')
    .map((url) => url.trim())
    .filter((url) => url !== '');
