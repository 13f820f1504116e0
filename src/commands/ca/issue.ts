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

/** An issued certificate, and its files. */
export interface IssuedTo extends Written {
  name: string;
  ca: string;
  /** Unix ms. */
  expires: number;
}

export default class CaIssue extends BaseCommand {
  static override summary = 'Issue certificates for daemons, or for callers.';
  static override description =
    'A daemon with the certificate must be named NAME: its peers accept no other name from it. Issue it again before it expires: daemons and callers read the new files without a restart.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> one --host 10.0.0.5',
    '<%= config.bin %> <%= command.id %> two --host 10.0.0.6 --host bender.example.com --days 90',
    '<%= config.bin %> <%= command.id %> ci --client',
  ];
  static override strict = false;
  static override args = {
    name: Args.string({
      required: true,
      ignoreStdin: true,
      description: 'The name of the daemon or caller. Others may follow it.',
    }),
  };
  static override flags = {
    host: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'HOST',
      description: `A name or address at which peers and clients call the daemon, beside NAME, ${ownMachine.join(', ')}. Repeat it for others.`,
    }),
    client: Flags.boolean({ description: 'For callers: daemons do not accept it from a peer.' }),
    days: daysFlag(365),
    dir: dirFlag,
  };

  async run(): Promise<IssuedTo[]> {
    const { argv, flags } = await this.parse(CaIssue);
    const names = argv as string[];
    const { dir, client, host, days } = flags;
    if (!names.every((name) => nameShape.test(name)))
      throw new UsageError(
        "NAME must have 1 to 64 letters, digits and any of ._@:-, and not be 'ca' or end with '-key'",
      );
    if (client && host) throw new UsageError('--host does not go with --client: callers are not called');
    const hostsFor = client ? () => undefined : hostsOf(host);
    const authority = await readAuthority(dir);
    const { issue } = await import('../../cli/ca/certificates.js');
    const ca = pathsOf(dir, 'ca').certificate;
    const all: IssuedTo[] = [];
    for (const name of names) {
      const issued = await issue(authority, { name, hosts: hostsFor(name), days });
      const one = { name, ...(await writeIssued(dir, name, issued)), ca, expires: issued.expires };
      this.#tell(one, client);
      all.push(one);
    }
    return all;
  }

  #tell({ name, certificate, key, ca, expires }: IssuedTo, client: boolean): void {
    this.log(certificate);
    const owner = client ? 'caller' : 'daemon';
    notice(`For the ${owner} '${name}', valid until ${dateOf(expires)}; the key is ${key}.`);
    const command = client ? 'bender ls --server https://HOST:1729' : 'bender serve';
    notice(`Next: ${command} --tls-cert ${certificate} --tls-key ${key} --tls-ca ${ca}`);
  }
}

/** Where a daemon of a name is called. */
function hostsOf(given: readonly string[] = []): (name: string) => string[] {
  const hosts = given.map(normalizeHost);
  const wrong = hosts.findIndex((host) => !isHost(host));
  if (wrong >= 0) throw new UsageError(`--host must be a host name or an address, not '${given[wrong]}'`);
  return (name) => [...new Set([...hosts, ...[normalizeHost(name)].filter(isHost), ...ownMachine])];
}
