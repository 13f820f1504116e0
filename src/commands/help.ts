import { Args } from '../cli/oclif.js';
import { BaseCommand } from '../cli/base-command.js';

export default class Help extends BaseCommand {
  static override summary = 'Tell about bender, or about a command.';
  static override enableJsonFlag = false;
  static override strict = false;
  static override usage = '<%= command.id %> [COMMAND]';
  static override examples = [
    '<%= config.bin %> <%= command.id %> deploy',
    '<%= config.bin %> <%= command.id %> backends update',
  ];
  static override args = {
    command: Args.string({ ignoreStdin: true, description: 'The command, which may be of two words.' }),
  };

  async run(): Promise<void> {
    const { argv } = await this.parse(Help);
    const { default: BenderHelp } = await import('../cli/help.js');
    await new BenderHelp(this.config).showHelp(argv as string[]);
  }
}
