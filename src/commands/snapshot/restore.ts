import { Args, Flags } from '../../cli/oclif.js';
import { listed } from '../../cli/apply/listed.js';
import { contentOf, nameOf } from '../../cli/apply/input.js';
import { plan, printStep, type Step } from '../../cli/apply/plan.js';
import { take } from '../../cli/apply/take.js';
import { CatalogCommand, forceFlag } from '../../cli/catalog-command.js';
import { confirmed } from '../../cli/confirm.js';
import { toFailure } from '../../cli/exit-codes.js';
import { notice } from '../../cli/notice.js';
import { numberOf } from '../../cli/number-of.js';
import { bringBack, everyRegistration, missing, printMissing, refusal } from '../../cli/snapshot/registrations.js';
import { type Kept, readSnapshot } from '../../cli/snapshot/snapshot.js';
import { UsageError } from '../../cli/usage-error.js';
import { BenderError } from '../../model/errors.js';
import { formatId } from '../../model/registration.js';

interface Restored {
  /** False if the question was answered with no, or there was nothing to do. */
  restored: boolean;
  changes: { action: 'create' | 'update' | 'delete'; kind: Step['kind'] | 'registration'; name: string }[];
}

export default class SnapshotRestore extends CatalogCommand {
  static override summary = "Change backends, frontends and drain rules to match a file of 'bender snapshot save'.";
  static override description = `Prints first what has to change (+ created, ~ changed, - removed), and asks. Each change is one edit in the \
history. What the file does not name stays, unless --prune removes it. A second run changes nothing. The history in the \
file is not restored.

Services register again by themselves. --registrations brings back those of the file that are not registered, each for one TTL, and \
drains those that were draining. An instance that has ended meanwhile is online for that long as well. An address where another version \
of the app is online is not changed. A daemon that has just started or is cut off is then not asked. Registrations that are refused \
are named at the end, and the exit code is that of the first.

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
    prune: Flags.boolean({
      description:
        'Remove backends, frontends and drain rules that are not in the file. A file without drainRules leaves all drain rules.',
    }),
    registrations: Flags.boolean({ description: 'Bring back the registrations in the file that are gone.' }),
    force: forceFlag,
  };

  async run(): Promise<Restored> {
    const { args, flags } = await this.parse(SnapshotRestore);
    const { file } = args;
    const wanted = readSnapshot(await contentOf(file), nameOf(file));
    if (flags.registrations && !wanted.registrations)
      throw new UsageError(`there are no registrations in ${nameOf(file)}: it was saved without --registrations`);
    // A daemon that has just started would call nearly all of them missing.
    const client = this.client({ ...flags, trusted: flags.registrations });
    const current = await listed(client);
    const steps = plan(current, wanted, flags.prune);
    const gone: Kept[] = flags.registrations ? missing(wanted.registrations!, await everyRegistration(client)) : [];
    const created = (registrations: readonly Kept[]): Restored['changes'] =>
      registrations.map((one) => ({ action: 'create', kind: 'registration', name: formatId(one) }));
    const changeOf = ({ action, kind, name }: Step): Restored['changes'][number] => ({ action, kind, name });
    const changes = [...created(gone), ...steps.map(changeOf)];
    for (const line of [...gone.map(printMissing), ...steps.map(printStep)]) this.log(line);
    if (changes.length === 0) notice('Nothing to change.');
    // Asking for JSON, a program cannot be asked.
    const mayAsk = file !== '-' && !this.jsonEnabled() && Boolean(process.stdin.isTTY);
    const goesOn =
      changes.length > 0 &&
      (flags.yes || (await confirmed(`Make ${numberOf(changes.length, 'change')}?`, { isTerminal: mayAsk })));
    if (!goesOn) return { restored: false, changes };
    // Backends are then pointed at what is online again.
    const { back, skipped, refused } = await bringBack(client, gone);
    if (skipped.length > 0)
      notice(`left alone, since the app is online there by now: ${skipped.map((one) => formatId(one)).join(', ')}`);
    const failure = refusal(refused);
    const made = created(back);
    this.done = made;
    try {
      for (const step of steps) {
        await take(client, step, flags.force);
        made.push(changeOf(step));
      }
    } catch (error) {
      throw failure
        ? new BenderError(failure.code, `${failure.message}; ${toFailure(error).message}`, { cause: error })
        : error;
    }
    if (failure) throw failure;
    if (!this.jsonEnabled()) notice(`made ${numberOf(made.length, 'change')}`);
    return { restored: true, changes: made };
  }
}
