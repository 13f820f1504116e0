import { Flags } from '../cli/oclif.js';
import { ClientCommand } from '../cli/client-command.js';
import { exactly } from '../cli/durations.js';
import { duration, queryFlags } from '../cli/flags.js';
import { Progress } from '../cli/progress.js';
import { metaFilter, metaFilterFlag } from '../cli/registration-flags.js';
import { waitFor } from '../client/index.js';
import { TimedOutError } from '../model/errors.js';
import type { Registration } from '../model/registration.js';

export default class Wait extends ClientCommand {
  static override summary = 'Wait until enough instances are online, or none is left.';
  static override description = `Instances that drain do not count towards --count; with --count 0 it waits until none is left, \
draining or not. A daemon that has just started, or is cut off, is not relied on. Exit code 6 says that it took too long. \
With --timeout 0 it looks once.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %> --app web --version 2.0.0 --count 3 --timeout 2m',
    '<%= config.bin %> <%= command.id %> --app web --version 1.2.0 --count 0',
  ];
  static override flags = {
    app: Flags.string({ ...queryFlags.app, required: true }),
    version: Flags.string(queryFlags.version),
    meta: metaFilterFlag,
    count: Flags.integer({
      min: 0,
      default: 1,
      helpValue: 'N',
      description: 'How many instances must be online; 0 waits until none is left.',
    }),
    timeout: duration({
      default: 60_000,
      defaultHelp: async () => '60s',
      description: 'How long to wait.',
    }),
  };

  async run(): Promise<Registration[]> {
    const { flags } = await this.parse(Wait);
    const { app, version, count, timeout } = flags;
    const what = version === undefined ? app : `${app}@${version}`;
    const counted = (all: Registration[]): Registration[] =>
      count === 0 ? all : all.filter(({ draining }) => !draining);
    let told = '';
    const progress = new Progress();
    const onProgress = (all: Registration[]): void => {
      told = `${counted(all).length} of ${what} online, waiting for ${count}`;
      if (!this.jsonEnabled()) progress.tell(told);
    };
    const enough = (all: Registration[]): boolean => (count === 0 ? all.length === 0 : counted(all).length >= count);
    const filter = { app, version, meta: metaFilter(flags.meta) };
    try {
      const online = counted(await waitFor(this.client(flags), filter, enough, { timeoutMs: timeout, onProgress }));
      progress.end();
      this.log(`${online.length} of ${what} online`);
      return online;
    } catch (error) {
      if (!(error instanceof TimedOutError)) throw error;
      throw new TimedOutError(`after ${exactly(timeout)}: ${told}`);
    } finally {
      progress.end();
    }
  }
}
