import { Args } from '../../cli/oclif.js';
import { BaseCommand } from '../../cli/base-command.js';
import { yesFlag } from '../../cli/flags.js';
import { tokensFlag } from '../../cli/tokens-flag.js';
import { removeToken } from '../../files/tokens-file.js';

export default class TokenRm extends BaseCommand {
  static override summary = 'Revoke a token: remove it from a tokens file.';
  static override description =
    'Daemons that have the file refuse the token within a second, and end the streams that were opened with it.';
  static override examples = ['<%= config.bin %> <%= command.id %> ci --tokens tokens.jsonl'];
  static override args = {
    token: Args.string({
      required: true,
      ignoreStdin: true,
      description: 'The name or the id of the token.',
    }),
  };
  static override flags = { tokens: tokensFlag, yes: yesFlag };

  async run(): Promise<{ id: string; name: string; removed: true }> {
    const { args, flags } = await this.parse(TokenRm);
    await this.askFirst(`Revoke the token '${args.token}'? What uses it is refused then.`, flags);
    const { id, name } = await removeToken(flags.tokens, args.token);
    this.log(`removed ${name} (${id})`);
    return { id, name, removed: true };
  }
}
