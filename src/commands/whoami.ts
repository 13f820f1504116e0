import { ClientCommand } from '../cli/client-command.js';
import type { WhoAmI } from '../model/whoami.js';

export default class Whoami extends ClientCommand {
  static override summary = 'Say which token the daemon sees, and what it may do.';
  static override description =
    "Without tokens ('bender serve --tokens'), every caller may do everything. Exit code 8 says that the daemon asks for a token, or refuses this one.";
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --context staging --json',
  ];

  async run(): Promise<WhoAmI> {
    const { flags } = await this.parse(Whoami);
    const who = await this.client(flags).whoAmI();
    this.log(lineOf(who));
    return who;
  }
}

function lineOf({ role, name, id, apps, tokens }: WhoAmI): string {
  if (!tokens) return 'no tokens: every caller may do everything';
  if (name === undefined) return `no token: the role '${role}'`;
  return `${name} (${id}): the role '${role}'${apps ? `, for the apps ${apps.join(', ')}` : ''}`;
}
