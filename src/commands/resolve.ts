import { Args } from '@oclif/core';
import { ClientCommand } from '../cli/client-command.js';
import { notice } from '../cli/notice.js';
import type { Registration } from '../model/registration.js';
import { hostPort } from '../model/registration.js';

export default class Resolve extends ClientCommand {
  static override summary = 'Print where callers of a frontend go now: HOST:PORT, one a line.';
  static override description =
    'Exit code 4 says that there is no such frontend. One without instances prints nothing.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> www',
    'curl "http://$(<%= config.bin %> <%= command.id %> www | shuf -n 1)/"',
  ];
  static override args = {
    frontend: Args.string({ required: true, ignoreStdin: true, description: 'Name of the frontend.' }),
  };

  async run(): Promise<Registration[]> {
    const { args, flags } = await this.parse(Resolve);
    const registrations = await this.client(flags).resolve(args.frontend);
    for (const registration of registrations) this.log(hostPort(registration));
    if (registrations.length === 0 && !this.jsonEnabled()) notice('No registrations.');
    return registrations;
  }
}
