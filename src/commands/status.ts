import { ClientCommand } from '../cli/client-command.js';
import { exactly, roughly } from '../cli/durations.js';
import { table } from '../cli/table.js';
import type { Status as DaemonStatus } from '../model/daemon.js';

export default class Status extends ClientCommand {
  static override summary = 'Say how a daemon is doing.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --server http://10.0.0.2:1729 --json',
  ];

  async run(): Promise<DaemonStatus> {
    const { flags } = await this.parse(Status);
    const status = await this.client(flags).status();
    const { settings, counts } = status;
    const rows = {
      daemon: status.name,
      url: status.url,
      version: status.version,
      cluster: status.cluster,
      incarnation: `${status.generation} (run ${status.runId})`,
      uptime: roughly(status.uptime),
      ready: status.ready ? 'yes' : 'no',
      ...(status.stale && { view: 'stale: this daemon hears fewer than half of those it knows' }),
      ttl: exactly(settings.ttl),
      'peer timeout': exactly(settings.peerTimeout),
      registrations: `${counts.registrations}, of which it holds ${counts.held}`,
      catalog: `${counts.backends} backends, ${counts.frontends} frontends, ${status.catalogBytes} bytes`,
      daemons: String(counts.daemons),
      memory: `${Math.round(status.memory.rss / 1e6)} MB`,
    };
    this.log(table([], Object.entries(rows)));
    return status;
  }
}
