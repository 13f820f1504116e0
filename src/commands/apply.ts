import { Flags } from '../cli/oclif.js';
import { readCatalog } from '../cli/apply/catalog-text.js';
import { listed } from '../cli/apply/listed.js';
import { contentOf, nameOf } from '../cli/apply/input.js';
import { plan, printStep, type Step } from '../cli/apply/plan.js';
import { take } from '../cli/apply/take.js';
import { CatalogCommand, forceFlag } from '../cli/catalog-command.js';
import { yesFlag } from '../cli/flags.js';
import { notice } from '../cli/notice.js';
import { numberOf } from '../cli/number-of.js';

interface Applied {
  dryRun: boolean;
  changes: { action: Step['action']; kind: Step['kind']; name: string; from?: string; to?: string }[];
}

export default class Apply extends CatalogCommand {
  static override summary = 'Change backends, frontends and drain rules to match a file.';
  static override description = `The file is YAML or JSON, as 'bender export' prints it. What has to change is printed first, one line each: \
+ created, ~ changed, - removed; each is one edit in the history. What the file does not name stays, unless --prune removes it.

Exit code 7 says that nothing is online for what a backend would be pointed at. The edits printed before that are done.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> -f catalog.yaml --dry-run',
    '<%= config.bin %> <%= command.id %> -f catalog.yaml --prune --author ci',
    '<%= config.bin %> export --server http://10.0.0.1:1729 | <%= config.bin %> <%= command.id %> -f - --server http://10.1.0.1:1729',
  ];
  static override flags = {
    file: Flags.string({
      char: 'f',
      required: true,
      helpValue: 'FILE',
      description: 'The file; - for standard input.',
    }),
    prune: Flags.boolean({
      description:
        'Remove backends, frontends and drain rules that are not in the file. A file without drainRules leaves all drain rules.',
    }),
    'dry-run': Flags.boolean({ default: false, description: 'Print what would change, and change nothing.' }),
    yes: yesFlag,
    force: forceFlag,
  };

  async run(): Promise<Applied> {
    const { flags } = await this.parse(Apply);
    const wanted = readCatalog(await contentOf(flags.file), nameOf(flags.file));
    const client = this.client(flags);
    const current = await listed(client);
    const steps = plan(current, wanted, flags.prune);
    const gone = steps.filter(({ action }) => action === 'delete');
    if (gone.length > 0 && !flags['dry-run'] && flags.file !== '-') {
      const names = gone.map(({ kind, name }) => `${kind} ${name}`).join(', ');
      await this.askFirst(`Make ${numberOf(steps.length, 'change')}, and remove ${names}?`, flags);
    }
    const changes: Applied['changes'] = [];
    if (!flags['dry-run']) this.done = changes;
    for (const step of steps) {
      if (!flags['dry-run']) await take(client, step, flags.force);
      const { fields: _, ...change }: Step & { fields?: unknown } = step;
      changes.push(change);
      this.log(printStep(step));
    }
    if (steps.length === 0) notice('Nothing to change.');
    return { dryRun: flags['dry-run'], changes };
  }
}
