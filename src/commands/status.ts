import { isWell, type Member, memberListing, membersOf } from '../cli/cluster-status.js';
import { surveyCluster } from '../cli/survey.js';
import { Flags } from '../cli/oclif.js';
import type { AskedFlags } from '../cli/client-command.js';
import { exactly, roughly } from '../cli/durations.js';
import { unhealthyExitCode } from '../cli/exit-codes.js';
import { ListingCommand } from '../cli/listing-command.js';
import { numberOf } from '../cli/number-of.js';
import { table } from '../cli/table.js';
import { printableCopy } from '../model/printable.js';
import type { ConfiguredPeer, Status as DaemonStatus, TlsStatus } from '../model/daemon.js';

export default class Status extends ListingCommand {
  static override summary = 'Show the status of a daemon, or of all.';
  static override description = `URL is the address that the daemon advertises to peers and clients. INCARNATION counts the starts of the daemon of this name; each has another run id. The daemon \
HOLDS the registrations that were renewed here last. The bytes of the CATALOG are those of its backends and frontends with their \
history. A view that is STALE is the last one that the daemon had before it was cut off from most of the others.

With --cluster it asks all daemons that the daemon knows, as far as this machine reaches them. The token is shown to daemons that you name, and by https with --tls-ca to those that they know.

Exit code 9 says that the daemon answers, and is not healthy: it is not ready, or its view is stale. With --cluster it says that a daemon is not healthy, or does not answer.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --server http://10.0.0.2:1729 --json',
    '<%= config.bin %> <%= command.id %> --cluster',
  ];
  static override flags = {
    cluster: Flags.boolean({ description: 'Show all daemons of the cluster, one a line.' }),
  };

  async run(): Promise<DaemonStatus | Member[]> {
    const { flags } = await this.parse(Status);
    if (flags.cluster) return this.#cluster(flags);
    const status = await this.client(flags).status();
    const shown = printableCopy(status);
    const { settings, counts } = shown;
    const rows = {
      daemon: shown.name,
      url: shown.url,
      ...(shown.peerUrl !== undefined && { 'for peers': shown.peerUrl }),
      ...(shown.listening !== undefined && { 'listening on': shown.listening }),
      ...(shown.insecure && { access: 'open to every program that reaches it (--insecure)' }),
      ...(shown.tls && { tls: tlsText(shown.tls) }),
      version: shown.version,
      cluster: shown.cluster,
      incarnation: `${shown.generation} (run ${shown.runId})`,
      uptime: roughly(shown.uptime),
      ready: shown.ready ? 'yes' : 'no',
      ...(shown.stale && { view: 'stale: this daemon hears fewer than half of those it knows' }),
      ttl: exactly(settings.ttl),
      'peer timeout': exactly(settings.peerTimeout),
      registrations: `${counts.registrations} with the daemons, this daemon holds ${counts.held} of them`,
      catalog: `${numberOf(counts.backends, 'backend')}, ${numberOf(counts.frontends, 'frontend')}, ${shown.catalogBytes} bytes`,
      daemons: String(counts.daemons),
      ...(shown.peers && { peers: peersText(shown.peers) }),
      memory: `${Math.round(shown.memory.rss / 1e6)} MB`,
    };
    this.print(table([], Object.entries(rows)));
    if (!status.ready || status.stale) process.exitCode = unhealthyExitCode;
    return status;
  }

  async #cluster(flags: AskedFlags): Promise<Member[]> {
    const members = membersOf(await surveyCluster(this.clientOptions(flags)));
    this.show(memberListing, members);
    if (!isWell(members)) process.exitCode = unhealthyExitCode;
    return members;
  }
}

const tlsText = ({ expires, mutual, clientAuth }: TlsStatus): string => {
  const daemons = mutual ? 'daemons show certificates of the CA' : 'daemons show no certificates';
  const clients = { none: 'clients do not', request: 'clients may', require: 'clients must' }[clientAuth];
  const until = new Date(expires).toISOString().slice(0, 10);
  return `${expires <= Date.now() ? 'expired on' : 'until'} ${until}; ${daemons}, ${clients}`;
};

/** `2 of 3 reached; http://10.0.0.6:1729: connection refused`. */
function peersText(peers: readonly ConfiguredPeer[]): string {
  const [own, others] = [peers.filter(({ self }) => self), peers.filter(({ self }) => !self)];
  const troubles = others.flatMap(({ url, reason }) => (reason === undefined ? [] : [`${url}: ${reason}`]));
  const reached = others.filter((peer) => peer.reached).length;
  const count = others.length > 0 ? [`${reached} of ${others.length} reached`] : [];
  return [...count, ...troubles, ...own.map(({ url }) => `${url} is this daemon itself`)].join('; ');
}
