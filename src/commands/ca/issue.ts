import { Args, Flags } from '../../cli/oclif.js';
import { BaseCommand } from '../../cli/base-command.js';
import { daysFlag, dateOf } from '../../cli/ca/days.js';
import { dirFlag, pathsOf, readAuthority, type Written, writeIssued } from '../../cli/ca/folder.js';
import { notice } from '../../cli/notice.js';
import { UsageError } from '../../cli/usage-error.js';
import { isHost, normalizeHost } from '../../model/host.js';

/** At which commands and services on the same machine call a daemon. */
const ownMachine = ['localhost', '127.0.0.1', '::1'];

/** What is a name, and a file name, and short enough for a certificate. */
const nameShape = /^(?!.*-key$)(?!ca$)[A-Za-z0-9][A-Za-z0-9._@:-]{0,63}$/;

export default class CaIssue extends BaseCommand {
  static override summary = 'Issue a certificate to a daemon, or to a caller.';
  static override description =
    'A daemon that shows the certificate goes by NAME, and its peers take no other name from it. Issue it again before it expires: daemons and callers read the new files without a restart.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> one --host 10.0.0.5',
    '<%= config.bin %> <%= command.id %> two --host 10.0.0.6 --host bender.example.com --days 90',
    '<%= config.bin %> <%= command.id %> ci --client',
  ];
  static override args = {
    name: Args.string({ required: true, ignoreStdin: true, description: 'The name of the daemon or caller.' }),
  };
  static override flags = {
    host: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'HOST',
      description: `A name or address at which peers and clients call the daemon, beside NAME, ${ownMachine.join(', ')}. Repeat it for others.`,
    }),
    client: Flags.boolean({ description: 'For a caller: daemons do not take it for that of a daemon.' }),
    days: daysFlag(365),
    dir: dirFlag,
  };

  async run(): Promise<Written & { name: string; ca: string; expires: number }> {
    const { args, flags } = await this.parse(CaIssue);
    const { name } = args;
    const { dir, client, days } = flags;
    if (!nameShape.test(name))
      throw new UsageError(
        "NAME must have 1 to 64 letters, digits and any of ._@:-, and not be 'ca' or end with '-key'",
      );
    if (client && flags.host) throw new UsageError('--host does not go with --client: nobody calls a caller');
    const hosts = client ? undefined : hostsOf(name, flags.host);
    const authority = await readAuthority(dir);
    const { issue } = await import('../../cli/ca/certificates.js');
    const issued = await issue(authority, { name, hosts, days });
    const paths = await writeIssued(dir, name, issued);
    const ca = pathsOf(dir, 'ca').certificate;
    this.log(paths.certificate);
    notice(
      `${client ? 'For the caller' : 'For the daemon'} '${name}', valid until ${dateOf(issued.expires)}; the key is ${paths.key}.`,
    );
    const command = client ? 'bender ls --server https://HOST:1729' : 'bender serve';
    notice(`Next: ${command} --tls-cert ${paths.certificate} --tls-key ${paths.key} --tls-ca ${ca}`);
    return { name, ...paths, ca, expires: issued.expires };
  }
}

function hostsOf(name: string, given: readonly string[] = []): string[] {
  const hosts = given.map(normalizeHost);
  const wrong = hosts.findIndex((host) => !isHost(host));
  if (wrong >= 0) throw new UsageError(`--host must be a host name or an address, not '${given[wrong]}'`);
  return [...new Set([...hosts, ...[normalizeHost(name)].filter(isHost), ...ownMachine])];
}
