import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Args } from '../cli/oclif.js';
import { BaseCommand } from '../cli/base-command.js';

/** What scripts/shell-files.js has made, for each shell. */
const files = { bash: 'bender.bash', zsh: '_bender', fish: 'bender.fish' };

export default class Completion extends BaseCommand {
  static override summary = 'Print the completion of commands and flags for a shell.';
  static override description =
    'Put the line of the example for your shell into ~/.bashrc, ~/.zshrc (after compinit) or ~/.config/fish/config.fish. The package has the same as files, in dist/completion, and a manual page, in dist/man.';
  static override examples = [
    'eval "$(<%= config.bin %> <%= command.id %> bash)"',
    'source <(<%= config.bin %> <%= command.id %> zsh)',
    '<%= config.bin %> <%= command.id %> fish | source',
  ];
  static override args = {
    shell: Args.string({
      required: true,
      ignoreStdin: true,
      options: Object.keys(files),
      description: 'The shell: bash, zsh or fish.',
    }),
  };

  async run(): Promise<{ shell: string; completion: string }> {
    const { args } = await this.parse(Completion);
    const name = files[args.shell as keyof typeof files];
    const completion = await readFile(join(this.config.root, 'dist/completion', name), 'utf8');
    if (!this.jsonEnabled()) process.stdout.write(completion);
    return { shell: args.shell, completion };
  }
}
