import { join } from 'node:path';
import { Flags } from '../cli/oclif.js';
import { BaseCommand } from '../cli/base-command.js';
import { results } from '../cli/colors.js';
import { Stage } from '../cli/demo/stage.js';
import { Story } from '../cli/demo/story.js';
import { stopSignal } from '../cli/signals.js';

export default class Demo extends BaseCommand {
  static override summary = 'Show a cluster at work: a deployment, a crash, the loss of a daemon.';
  static override description = `Starts three daemons and some instances of a small HTTP service on free ports of this machine, sends requests to them, and tells \
what happens. It takes half a minute, leaves nothing behind, and touches no other daemon.`;
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --no-stay'];
  static override enableJsonFlag = false;
  static override flags = {
    stay: Flags.boolean({
      allowNo: true,
      description: 'At the end, keep everything running until Ctrl-C. [default: yes at a terminal]',
    }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Demo);
    const { root } = this.config;
    const stage = new Stage(join(root, 'bin/run.js'), join(root, 'examples/web.js'));
    const begun = performance.now();
    const story = new Story(stage, {
      act: (text) => this.print(`\n${results.bold(text)}`),
      tell: (text) => this.print(`  ${results.dim(seconds(begun))}  ${text}`),
    });
    const stopped = stopSignal();
    try {
      const isTold = await Promise.race([story.run().then(() => true), stopped.then(() => false)]);
      if (isTold && (flags.stay ?? process.stdout.isTTY)) {
        this.print(`\nAll this still runs: ${stage.urls.at(-1)}/ui`);
        this.print(`Try, in another terminal: bender ls --watch --server ${stage.urls.at(-1)}`);
        this.print('Ctrl-C ends it.');
        await stopped;
      }
    } finally {
      await story.end();
      await stage.end();
    }
    this.exit(0);
  }
}

const seconds = (begun: number): string => `${((performance.now() - begun) / 1000).toFixed(1).padStart(4)} s`;
