import { Args, Flags } from '../cli/oclif.js';
import { ClientCommand } from '../cli/client-command.js';
import { nearAtLeast } from '../cli/near-flags.js';
import { outliveOutput, outputWritten } from '../cli/output.js';
import { stopSignal } from '../cli/signals.js';
import type { TemplateSettings } from '../cli/template/settings.js';
import { defaultWait, dryRunSettings, readTemplates, templateSettings } from '../cli/template/settings.js';
import { templateReport } from '../cli/template/report.js';
import { UsageError } from '../cli/usage-error.js';

/** The flags that say how SRC is rendered; with --config, that is in the file. */
const ofOne = { helpGroup: 'TEMPLATE', exclusive: ['config'] };

export default class Template extends ClientCommand {
  static override summary = 'Render a file from the registry, and again at every change.';
  static override description = `SRC is a Liquid template; docs/templates.md says what it finds. DEST is replaced in one \
step, and only when its content changes; if the check or the command fails, the old file stays, and it is tried \
again. An edited SRC is rendered at once.

A daemon that has just started or is cut off is not asked. A backend that had servers is not \
rendered empty: it keeps the last ones, which are remembered beside DEST in .NAME.bender.json.

With --config several templates are rendered: {"templates": [{"src", "dest", "check", "exec", "wait", "allow-empty", "near", \
"near-at-least"}]}.`;
  static override examples = [
    "<%= config.bin %> <%= command.id %> haproxy.cfg.liquid /etc/haproxy/haproxy.cfg --check 'haproxy -c -f {}' --exec 'systemctl reload haproxy'",
    '<%= config.bin %> <%= command.id %> targets.json.liquid --dry-run',
    '<%= config.bin %> <%= command.id %> targets.json.liquid targets.json --once',
    '<%= config.bin %> <%= command.id %> --config /etc/bender/templates.json',
  ];
  static override usage = [
    '<%= command.id %> SRC DEST [FLAGS]',
    '<%= command.id %> SRC --dry-run',
    '<%= command.id %> --config FILE [FLAGS]',
  ];
  static override args = {
    src: Args.string({ ignoreStdin: true, description: 'The template.' }),
    dest: Args.string({ ignoreStdin: true, description: 'The file to write.' }),
  };
  static override flags = {
    check: Flags.string({
      ...ofOne,
      helpValue: 'CMD',
      description: 'Use the new file only if this command succeeds; {} stands for the new file.',
    }),
    exec: Flags.string({ ...ofOne, helpValue: 'CMD', description: 'Run this command when the content has changed.' }),
    wait: Flags.string({
      ...ofOne,
      helpValue: 'MIN:MAX',
      description: `Render when nothing has changed for MIN, but at most MAX after a change. [default: ${defaultWait}]`,
    }),
    'allow-empty': Flags.boolean({
      ...ofOne,
      description: 'Render backends without servers as empty, and leave out backends that have vanished.',
    }),
    near: Flags.string({
      ...ofOne,
      helpValue: 'NAME:VALUE',
      description: 'Mark servers without this in their metadata as backup, as long as enough others take requests.',
    }),
    'near-at-least': Flags.integer({ ...nearAtLeast, ...ofOne }),
    config: Flags.string({ helpValue: 'FILE', description: 'Templates, as a JSON object.' }),
    'dry-run': Flags.boolean({
      description: 'Print once what would be written to DEST, which may be omitted. Write and run nothing.',
    }),
    once: Flags.boolean({
      description: 'Render once and end. Exit code 3 says that no daemon can be trusted.',
    }),
  };

  /** With --json, a line each. */
  protected override get isStream(): boolean {
    return true;
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Template);
    outliveOutput();
    const templates = await templatesFrom({ ...args, ...flags });
    const stopping = new AbortController();
    void stopSignal().then(() => stopping.abort());
    const options = { signal: stopping.signal, ...templateReport(this.jsonEnabled()) };
    // Loads the template engine, which is not cheap.
    const { keepRendering, renderOnce } = await import('../cli/template/render.js');
    if (flags['dry-run']) {
      const { dryRun } = await import('../cli/template/dry-run.js');
      await renderOnce(this.client(flags), templates, options, dryRun(this.jsonEnabled()));
    } else await (flags.once ? renderOnce : keepRendering)(this.client(flags), templates, options);
    if (!stopping.signal.aborted) return;
    await outputWritten();
    this.exit(0);
  }
}

interface Given extends Partial<
  Record<'src' | 'dest' | 'check' | 'exec' | 'wait' | 'near' | 'config', string | undefined>
> {
  'near-at-least'?: number | undefined;
  'allow-empty'?: boolean;
  'dry-run'?: boolean;
}

async function templatesFrom({ config, src, dest, ...how }: Given): Promise<TemplateSettings[]> {
  if (config !== undefined && src === undefined) return readTemplates(config);
  if (dest === '-') throw new UsageError("'-' is no file to write: --dry-run prints what would be written");
  if (how['dry-run'] && src !== undefined && dest === undefined && config === undefined)
    return [dryRunSettings({ src, ...how })];
  if (config !== undefined || src === undefined || dest === undefined)
    throw new UsageError('give a template and a file to write, or --config');
  return [templateSettings({ src, dest, ...how })];
}
