import { ClientCommand } from '../cli/client-command.js';
import { checks, examine } from '../cli/doctor/checks.js';
import type { Finding } from '../cli/doctor/finding.js';
import { report } from '../cli/doctor/report.js';
import { surveyCluster } from '../cli/survey.js';
import { unhealthyExitCode } from '../cli/exit-codes.js';
import { duration } from '../cli/flags.js';

interface Diagnosis {
  /** Whether no problem was found; there may be warnings. */
  healthy: boolean;
  /** The daemons that answered. */
  daemons: { name: string; url: string; version: string; uptime: number }[];
  checks: string[];
  findings: Finding[];
}

export default class Doctor extends ClientCommand {
  static override summary = 'Find problems of the cluster, and say what to do about them.';
  static override description = `Asks the daemons at --server, and all that they know, as far as this machine reaches them. A PROBLEM is something that does not \
work; a WARNING could become one. The token and the certificate are shown to daemons that you name, and by https with --tls-ca to those that they know.

Exit code 9 says that there is a problem, 3 that no daemon answers, and 8 that they refuse the token.`;
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json'];
  static override flags = {
    timeout: duration({
      default: 3000,
      defaultHelp: async () => '3s',
      description: 'How long to wait for the answer of one daemon.',
    }),
  };

  async run(): Promise<Diagnosis> {
    const { flags } = await this.parse(Doctor);
    const survey = await surveyCluster({ ...this.clientOptions(flags), timeoutMs: flags.timeout });
    const findings = examine(survey, Date.now());
    const healthy = !findings.some(({ level }) => level === 'problem');
    this.print(report(survey, findings));
    if (!healthy) process.exitCode = unhealthyExitCode;
    const daemons = survey.answers.map(({ url, status: { name, version, uptime } }) => ({
      name,
      url,
      version,
      uptime,
    }));
    return { healthy, daemons, checks: Object.keys(checks), findings };
  }
}
