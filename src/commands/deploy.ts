import { Flags } from '../cli/oclif.js';
import { CatalogCommand } from '../cli/catalog-command.js';
import { deploy, meaningLine, switchedLine } from '../cli/deploy.js';
import { duration, nameArgOf } from '../cli/flags.js';
import { notice } from '../cli/notice.js';
import { Progress } from '../cli/progress.js';
import { drainReplaced, type Switched, untilGone } from '../cli/replaced.js';

export default class Deploy extends CatalogCommand {
  static override summary = 'Switch a backend to a version once enough instances of it are online.';
  static override description = `Waits until N instances are online and not draining, and have been so for --stable-for without a break, \
then switches the backend. With --drain it then drains the instances of the previous version, and waits until they are \
gone: stop them once they drain. Instances that another backend also sends callers to are not drained.

'bender rollback' undoes it: the instances that were drained take part again.

Exit code 6 says that the version did not come up in time, and nothing has changed; or, with --drain, that the backend was \
switched and some instances of the previous version are still online.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> web --version 2.0.0',
    '<%= config.bin %> <%= command.id %> web --version 2.0.0 --wait 3 --timeout 2m --drain 10s',
  ];
  static override args = { name: nameArgOf('backend') };
  static override flags = {
    version: Flags.string({
      required: true,
      helpValue: 'VERSION',
      description: 'The version to switch to; may be a semver range.',
    }),
    wait: Flags.integer({
      min: 1,
      default: 1,
      helpValue: 'N',
      description: 'How many instances must be online.',
    }),
    'stable-for': duration({
      description:
        'How long they must have been online without a break; 0: not at all. [default: the default TTL of the daemon, 4s]',
    }),
    timeout: duration({
      default: 60_000,
      defaultHelp: async () => '60s',
      description: 'How long to wait until they are online; --stable-for may come on top.',
    }),
    drain: duration({
      description: 'Drain the previous version, and wait at most this long until it is gone; 0: do not wait.',
    }),
    force: Flags.boolean({
      exclusive: ['wait', 'timeout', 'stable-for'],
      description: 'Switch at once, whatever is online.',
    }),
  };

  async run(): Promise<Switched & { drained?: number }> {
    const { args, flags } = await this.parse(Deploy);
    const { version, wait, timeout, drain } = flags;
    const client = this.client(flags);
    const progress = new Progress();
    const onProgress = this.jsonEnabled() ? () => undefined : (text: string) => progress.tell(text);
    const force = async (): Promise<Switched> => {
      const before = await client.backend(args.name);
      return { before, after: await client.updateBackend(args.name, { version }, { atLeast: 0 }) };
    };
    try {
      const switched = flags.force
        ? await force()
        : await deploy(client, args.name, version, {
            atLeast: wait,
            stableForMs: flags['stable-for'],
            timeoutMs: timeout,
            onProgress,
          });
      progress.end();
      this.log(switchedLine(switched));
      const meaning = this.jsonEnabled() ? undefined : await meaningLine(client, switched);
      if (meaning !== undefined) this.log(meaning);
      if (drain === undefined) return switched;
      const replaced = await drainReplaced(client, switched);
      for (const { registration, backend } of replaced.shared)
        notice(`not drained, as backend '${backend}' sends callers there: ${registration.id}`);
      if (drain > 0) await untilGone(client, switched, replaced, drain, onProgress);
      return { ...switched, drained: replaced.drained.length };
    } finally {
      progress.end();
    }
  }
}
