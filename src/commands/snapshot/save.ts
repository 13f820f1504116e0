import { Args, Flags } from '../../cli/oclif.js';
import { plain } from '../../cli/apply/catalog-text.js';
import { listed } from '../../cli/apply/listed.js';
import { ClientCommand } from '../../cli/client-command.js';
import { notice } from '../../cli/notice.js';
import { numberOf } from '../../cli/number-of.js';
import { everyRegistration, kept } from '../../cli/snapshot/registrations.js';
import { formatSnapshot, type Snapshot } from '../../cli/snapshot/snapshot.js';
import { UsageError } from '../../cli/usage-error.js';
import { replaceFile } from '../../files/atomic-file.js';
import { BenderError } from '../../model/errors.js';
import { limits } from '../../model/limits.js';

interface Saved {
  file: string;
  backends: number;
  frontends: number;
  /** Absent if there are none. */
  drainRules?: number;
  edits: number;
  /** Absent without --registrations. */
  registrations?: number;
}

export default class SnapshotSave extends ClientCommand {
  static override summary = 'Save backends, frontends, drain rules and their history to a file.';
  static override description = `The file is JSON, readable by its owner alone, and is replaced in one step. A daemon that has just started or is \
cut off is not asked; exit code 3 says that there is no other.

'bender export' prints the catalog alone, as YAML to edit and to keep under version control. A daemon's catalog file \
('bender serve --catalog') is the only one that brings the history back.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> snapshot.json',
    '<%= config.bin %> <%= command.id %> - --registrations | gzip > snapshot.json.gz',
  ];
  static override args = {
    file: Args.string({ required: true, ignoreStdin: true, description: 'The file; - for standard output.' }),
  };
  static override flags = {
    registrations: Flags.boolean({
      description: 'Also save the registrations, whether they drain, and those that are unhealthy.',
    }),
  };

  async run(): Promise<Saved> {
    const { args, flags } = await this.parse(SnapshotSave);
    const { file } = args;
    if (file === '-' && this.jsonEnabled()) throw new UsageError('--json does not go with -: both go to stdout');
    const client = this.client({ ...flags, trusted: true });
    const catalog = await listed(client);
    const { backends, frontends, drainRules } = catalog;
    const { cluster, version } = await client.status();
    const snapshot: Snapshot = {
      ...{ at: Date.now(), cluster, bender: version },
      ...plain(catalog),
      history: await client.history({ limit: limits.history }),
      ...(flags.registrations && { registrations: kept(await everyRegistration(client)) }),
    };
    await write(file, formatSnapshot(snapshot));
    const saved: Saved = {
      ...{ file, backends: backends.length, frontends: frontends.length },
      ...(drainRules.length > 0 && { drainRules: drainRules.length }),
      edits: snapshot.history.length,
      ...(snapshot.registrations && { registrations: snapshot.registrations.length }),
    };
    const counts = Object.entries(saved).slice(1) as [string, number][];
    const told = `saved ${counts.map(([what, count]) => numberOf(count, wordOf[what] ?? what.slice(0, -1))).join(', ')}`;
    if (file === '-') notice(told);
    else this.log(`${told} to ${file}`);
    return saved;
  }
}

/** What a key of the result counts, if it is not the key itself. */
const wordOf: Readonly<Record<string, string>> = { drainRules: 'drain rule' };

async function write(file: string, text: string): Promise<void> {
  if (file === '-') return void process.stdout.write(text);
  try {
    // Metadata of registrations may be a secret.
    await replaceFile(file, text, { mode: 0o600, forceMode: true });
  } catch (error) {
    throw new BenderError('INTERNAL', `cannot write ${file}: ${(error as Error).message}`, { cause: error });
  }
}
