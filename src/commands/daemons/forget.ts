import { ClientCommand } from '../../cli/client-command.js';
import { nameArgOf, yesFlag } from '../../cli/flags.js';

export default class DaemonsForget extends ClientCommand {
  static override summary = 'Forget a daemon that is gone for good.';
  static override description = `A daemon that hears fewer than half of the daemons it knows takes itself for cut off, and keeps its last view (stale). If the others are really gone, forgetting them ends that at once. Run it for each daemon that is stale (--server). A daemon that is alive is not forgotten (exit code 5).`;
  static override examples = ['<%= config.bin %> <%= command.id %> 10.0.0.3:1729'];
  static override args = { name: nameArgOf('daemon') };
  static override flags = { yes: yesFlag };

  async run(): Promise<{ name: string; forgotten: true }> {
    const { args, flags } = await this.parse(DaemonsForget);
    await this.askFirst(`Forget the daemon '${args.name}'? What it holds ends here unless it is renewed.`, flags);
    await this.client(flags).forgetDaemon(args.name);
    this.log(`forgot ${args.name}`);
    return { name: args.name, forgotten: true };
  }
}
