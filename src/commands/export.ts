import { ClientCommand } from '../cli/client-command.js';
import { trustedFlag } from '../cli/flags.js';
import { formatCatalog, plain } from '../cli/apply/catalog-text.js';
import { listed } from '../cli/apply/listed.js';
import type { Wanted } from '../cli/apply/plan.js';

export default class Export extends ClientCommand {
  static override summary = "Print all backends, frontends and drain rules as a file for 'bender apply'.";
  static override description =
    'YAML, or JSON with --json. Keep it under version control, or as a backup; the history is not in it. A daemon that has just started may not have everything yet: for a backup, use --trusted.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --trusted > catalog.yaml',
    '<%= config.bin %> <%= command.id %> --json > catalog.json',
  ];

  static override flags = { trusted: trustedFlag };

  async run(): Promise<Wanted> {
    const { flags } = await this.parse(Export);
    const client = this.client(flags);
    const catalog = await listed(client);
    if (!this.jsonEnabled()) process.stdout.write(formatCatalog(catalog));
    return plain(catalog);
  }
}
