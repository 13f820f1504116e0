import { Flags } from '../cli/oclif.js';
import { BaseCommand } from '../cli/base-command.js';
import { PidFile } from '../cli/detached/pid-file.js';
import { terminate } from '../cli/detached/terminate.js';
import { exactly } from '../cli/durations.js';
import { duration } from '../cli/flags.js';
import { stateFolder } from '../files/state-folder.js';
import { NotFoundError, TimedOutError } from '../model/errors.js';

interface Stopped {
  port: number;
  pid: number;
  stopped: true;
}

export default class Stop extends BaseCommand {
  static override summary = "Stop a daemon that was started by 'bender serve --detach'.";
  static override description = `The daemon hands over what it knows to the others, which takes at most 5s, and ends. The command returns when it has ended. \
A daemon in a terminal or under a service manager is stopped there, by Ctrl-C or SIGTERM. Exit code 4 says that no daemon runs \
detached on that port, and 6 that it has not ended in time.`;
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --port 1730 --timeout 1m',
  ];
  static override flags = {
    port: Flags.integer({
      min: 1,
      max: 65535,
      env: 'BENDER_PORT',
      default: 1729,
      helpValue: 'PORT',
      description: 'The port on which the daemon listens.',
    }),
    timeout: duration({
      default: 15_000,
      defaultHelp: async () => '15s',
      description: 'How long to wait until it has ended.',
    }),
  };

  async run(): Promise<Stopped> {
    const { port, timeout } = (await this.parse(Stop)).flags;
    const folder = stateFolder();
    const file = new PidFile(folder, port);
    const running = file.running();
    if (running === undefined) throw new NotFoundError(`no daemon runs detached on port ${port}${others(folder)}`);
    const { pid } = running;
    if (!(await terminate(running, timeout)))
      throw new TimedOutError(`the daemon (pid ${pid}) still runs after ${exactly(timeout)}: see ${file.log}`);
    file.remove(pid);
    this.log(`stopped the daemon on port ${port} (pid ${pid})`);
    return { port, pid, stopped: true };
  }
}

function others(folder: string): string {
  const ports = PidFile.ports(folder);
  return ports.length === 0 ? '' : `; detached daemons run on ${ports.map((port) => `port ${port}`).join(', ')}`;
}
