import { Flags } from '../cli/oclif.js';
import { CatalogCommand } from '../cli/catalog-command.js';
import { deploy, switchedLine, untilGone, type Switched } from '../cli/deploy.js';
import { exactly } from '../cli/durations.js';
import { duration, nameArg } from '../cli/flags.js';
import { notice } from '../cli/notice.js';
import { Progress } from '../cli/progress.js';
import { formatTarget } from '../model/catalog.js';

export default class Deploy extends CatalogCommand {
  static override summary = 'Point a backend at a version as soon as enough of it is online.';
  static override description = `Waits until N instances are online and not draining, then switches. With --drain it then \
waits until nothing of what was there before is online, for that long at most: stop the old version when it has ended.

Exit code 6 says that the version did not come up in time; nothing has changed then.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> web --version 2.0.0',
    '<%= config.bin %> <%= command.id %> web --version 2.0.0 --wait 3 --timeout 2m --drain 10s',
  ];
  static override args = { name: nameArg };
  static override flags = {
    version: Flags.string({
      required: true,
      helpValue: 'VERSION',
      description: 'What to switch to; may be a semver range.',
    }),
    wait: Flags.integer({
      min: 1,
      default: 1,
      helpValue: 'N',
      description: 'How many must be online.',
    }),
    timeout: duration({
      default: 60_000,
      defaultHelp: async () => '60s',
      description: 'How long to wait for them.',
    }),
    drain: duration({ description: 'Wait for the old version to be gone, at most this long.' }),
    force: Flags.boolean({
      exclusive: ['wait', 'timeout'],
      description: 'Switch at once, whatever is online.',
    }),
  };

  async run(): Promise<Switched & { left?: number }> {
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
        : await deploy(client, args.name, version, { atLeast: wait, timeoutMs: timeout, onProgress });
      progress.end();
      this.log(switchedLine(switched));
      if (drain === undefined) return switched;
      const left = await untilGone(client, switched, drain, onProgress);
      progress.end();
      if (left !== 0)
        notice(`after ${exactly(drain)} something of ${formatTarget(switched.before)} is online`);
      return { ...switched, ...(Number.isInteger(left) && { left }) };
    } finally {
      progress.end();
    }
  }
}
