import { Args, Flags } from '../cli/oclif.js';
import { ClientCommand } from '../cli/client-command.js';
import { localTime } from '../cli/durations.js';
import type { ExplainAnswer } from '../model/explain.js';

export default class Explain extends ClientCommand {
  static override summary = 'Say why callers of a frontend are, or are not, sent to an instance.';
  static override description =
    'Names everything that keeps callers from it: it drains, its health check fails, it is not online, it is of another version, or its version has the weight 0.';
  static override examples = ['<%= config.bin %> <%= command.id %> web/1.0.0/10.0.0.5/8080 --frontend www'];
  static override args = {
    id: Args.string({ required: true, ignoreStdin: true, description: 'APP/VERSION/HOST/PORT.' }),
  };
  static override flags = {
    frontend: Flags.string({ required: true, helpValue: 'NAME', description: 'The frontend that callers address.' }),
  };

  async run(): Promise<ExplainAnswer> {
    const { args, flags } = await this.parse(Explain);
    const answer = await this.client(flags).explain(args.id, flags.frontend);
    const { registration, frontend, served, share, reasons } = answer;
    if (served) this.log(`${frontend} sends ${Math.round(share * 1000) / 10} % of its requests to ${registration}`);
    else this.log(`${frontend} sends nothing to ${registration}:`);
    for (const { message, drainUntil } of reasons)
      this.log(`  ${message}${drainUntil === undefined ? '' : ` (until ${localTime(drainUntil)})`}`);
    return answer;
  }
}
