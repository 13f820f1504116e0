import { Args } from '../cli/oclif.js';
import { BaseCommand } from '../cli/base-command.js';

export default class Help extends BaseCommand {
  static override summary = 'Show help for bender or a command.';
  static override enableJsonFlag = false;
  static override strict = false;
  static override usage = '<%= command.id %> [COMMAND]';
  static override examples = [
    '<%= config.bin %> <%= command.id %> deploy',
    '<%= config.bin %> <%= command.id %> backends update',
  ];
  static override args = {
    command: Args.string({ ignoreStdin: true, description: 'The command, which may have two words.' }),
  };

  async run(): Promise<void> {
    const { argv } = await this.parse(Help);
    const { default: BenderHelp } = await import('../cli/help.js');
    await new BenderHelp(this.config).showHelp(argv as string[]);
  }
}
