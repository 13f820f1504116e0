import { BaseCommand } from '../../cli/base-command.js';
import { type Context, readContexts } from '../../cli/context/contexts.js';
import { listText } from '../../cli/list-text.js';
import type { Listing } from '../../cli/listings.js';
import { notice } from '../../cli/notice.js';
import { outputFlag } from '../../cli/output-flag.js';

interface Shown extends Context {
  name: string;
  /** Whether it is in use. */
  current: boolean;
}

export default class ContextList extends BaseCommand {
  static override summary = 'List the contexts, which name clusters. Subcommands: set, use, rm.';
  static override description = `A context names the daemons of a cluster, and the files with the token and certificates to show to them. Commands ask the cluster of the context in use, unless they \
are told another: by --context or BENDER_CONTEXT, or by --server or BENDER_SERVER, with which no context is used at all.`;
  static override examples = [
    '<%= config.bin %> context set staging --server http://10.0.0.5:1729,http://10.0.0.6:1729 --token-file ~/staging.token',
    '<%= config.bin %> context use staging',
    '<%= config.bin %> ls --context production',
  ];
  static override hiddenAliases = ['context:ls', 'context:list'];
  static override flags = { output: outputFlag };

  async run(): Promise<Shown[]> {
    await this.parse(ContextList);
    const { all, current } = readContexts();
    const shown = [...all].map(([name, context]) => ({ name, current: name === current, ...context }));
    if (shown.length > 0) this.print(listText(contextListing, shown, this.format));
    else if (!this.jsonEnabled()) notice("No contexts: make one with 'bender context set'.");
    return shown;
  }
}

const contextListing: Listing<Shown> = {
  plural: 'contexts',
  nameOf: ({ name }) => name,
  inOrder: true,
  columns: {
    '': ({ current }) => (current ? '*' : ' '),
    CONTEXT: ({ name }) => name,
    SERVERS: { cell: ({ servers }) => servers.join(', '), isLong: true },
    TOKEN: { cell: ({ tokenFile }) => tokenFile ?? '', isLong: true },
    TLS: { cell: ({ tlsCa, tlsCert }) => tlsCa ?? tlsCert ?? '', isLong: true },
  },
};
