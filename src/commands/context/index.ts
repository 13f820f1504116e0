import { BaseCommand } from '../../cli/base-command.js';
import { type Context, readContexts } from '../../cli/context/contexts.js';
import { notice } from '../../cli/notice.js';
import { table } from '../../cli/table.js';
import { printable } from '../../model/printable.js';

interface Shown extends Context {
  name: string;
  /** Whether it is in use. */
  current: boolean;
}

export default class ContextList extends BaseCommand {
  static override summary = 'List the contexts: clusters by name; set, use, remove.';
  static override description = `A context has the daemons of a cluster, and the files with what to show to them. Commands ask the cluster of the context in use, unless they \
are told another: by --context or BENDER_CONTEXT, or by --server or BENDER_SERVER, with which no context is used at all.`;
  static override examples = [
    '<%= config.bin %> context set staging --server http://10.0.0.5:1729,http://10.0.0.6:1729 --token-file ~/staging.token',
    '<%= config.bin %> context use staging',
    '<%= config.bin %> ls --context production',
  ];
  static override hiddenAliases = ['context:ls', 'context:list'];

  async run(): Promise<Shown[]> {
    await this.parse(ContextList);
    const { all, current } = readContexts();
    const shown = [...all].map(([name, context]) => ({ name, current: name === current, ...context }));
    if (shown.length === 0 && !this.jsonEnabled()) notice("No contexts: make one with 'bender context set'.");
    else this.print(table(['', 'CONTEXT', 'SERVERS', 'TOKEN', 'TLS'], shown.map(rowOf)));
    return shown;
  }
}

const rowOf = ({ name, current, servers, tokenFile, tlsCa, tlsCert }: Shown): string[] => [
  current ? '*' : '',
  ...[name, servers.join(', '), tokenFile ?? '-', tlsCa ?? tlsCert ?? '-'].map((text) => printable(text)),
];
