import { Args, Flags } from '../../cli/oclif.js';
import { contentOf, nameOf } from '../../cli/apply/input.js';
import { plan, printStep } from '../../cli/apply/plan.js';
import { take } from '../../cli/apply/take.js';
import { CatalogCommand, forceFlag } from '../../cli/catalog-command.js';
import { confirmed } from '../../cli/confirm.js';
import { notice } from '../../cli/notice.js';
import { numberOf } from '../../cli/number-of.js';
import { bringBack, missing, printMissing } from '../../cli/snapshot/registrations.js';
import { type Kept, readSnapshot } from '../../cli/snapshot/snapshot.js';
import { UsageError } from '../../cli/usage-error.js';
import { formatId } from '../../model/registration.js';

interface Restored {
  /** False if the question was answered with no, or there was nothing to do. */
  restored: boolean;
  changes: { action: 'create' | 'update' | 'delete'; kind: 'backend' | 'frontend' | 'registration'; name: string }[];
}

export default class SnapshotRestore extends CatalogCommand {
  static override summary = "Change backends and frontends to match a file of 'bender snapshot save'.";
  static override description = `What has to change is printed first, and done after a question: + created, ~ changed, - removed; each is one edit in the \
history. What the file does not name stays, unless --prune removes it. A second time there is nothing to change. The history in the \
file is not restored.

Services register again by themselves. --registrations brings back those of the file that are not online, each for one TTL, and lets \
drain those that were draining: an instance that has ended meanwhile is online for that long as well.

Exit code 7 says that nothing is online for what a backend would be pointed at.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> snapshot.json',
    'gunzip -c snapshot.json.gz | <%= config.bin %> <%= command.id %> - --yes',
  ];
  static override args = {
    file: Args.string({ required: true, ignoreStdin: true, description: 'The file; - for standard input.' }),
  };
  static override flags = {
    yes: Flags.boolean({ char: 'y', description: 'Do not ask. Required without a terminal.' }),
    prune: Flags.boolean({ description: 'Remove backends and frontends that are not in the file.' }),
    registrations: Flags.boolean({ description: 'Bring back the registrations in the file that are not online.' }),
    force: forceFlag,
  };

  async run(): Promise<Restored> {
    const { args, flags } = await this.parse(SnapshotRestore);
    const { file } = args;
    const wanted = readSnapshot(await contentOf(file), nameOf(file));
    if (flags.registrations && !wanted.registrations)
      throw new UsageError(`there are no registrations in ${nameOf(file)}: it was saved without --registrations`);
    const client = this.client(flags);
    const current = { backends: await client.backends(), frontends: await client.frontends() };
    const steps = plan(current, wanted, flags.prune);
    const gone: Kept[] = flags.registrations ? missing(wanted.registrations!, await client.registrations()) : [];
    const changes = [
      ...gone.map((one) => ({ action: 'create' as const, kind: 'registration' as const, name: formatId(one) })),
      ...steps.map(({ action, kind, name }) => ({ action, kind, name })),
    ];
    for (const line of [...gone.map(printMissing), ...steps.map(printStep)]) this.log(line);
    if (changes.length === 0) notice('Nothing to change.');
    // Asking for JSON, a program cannot be asked.
    const mayAsk = file !== '-' && !this.jsonEnabled() && Boolean(process.stdin.isTTY);
    const goesOn =
      changes.length > 0 &&
      (flags.yes || (await confirmed(`Make ${numberOf(changes.length, 'change')}?`, { isTerminal: mayAsk })));
    if (!goesOn) return { restored: false, changes };
    // Backends are then pointed at what is online again.
    for (const one of gone) await bringBack(client, one);
    for (const step of steps) await take(client, step, flags.force);
    if (!this.jsonEnabled()) notice(`made ${numberOf(changes.length, 'change')}`);
    return { restored: true, changes };
  }
}
